import type { MeshName } from '../../events/names.ts';
import type { Rollout } from '../../events/rollout.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { RolloutChange } from './change-rollout.ts';
import type { RolloutOptions } from './start-rollout.ts';

/**
 * The rollouts of a mesh: each moves a capability's journeys to one agent in steps. The probe advances a rollout while the agent does no
 * worse than the others, and rolls it back otherwise. It is kept in the registry, so no process of yours has to run meanwhile.
 *
 * Your role needs `dynamodb:Query` and `dynamodb:UpdateItem` on the table of offers.
 *
 * @see docs/discovery.md
 */
export class Rollouts {
  readonly #aws: AwsClients;
  readonly #mesh: MeshName;

  /** @internal */
  constructor(aws: AwsClients, mesh: MeshName) {
    this.#aws = aws;
    this.#mesh = mesh;
  }

  /**
   * The rollout of a capability that is under way, otherwise the last one; `undefined` if there was none.
   *
   * @throws InvalidQueryError, MissingTableError
   */
  async of(capability: string): Promise<Rollout | undefined> {
    const { currentRollout, offeringAgents } = await import('./offering-agents.ts');
    return currentRollout(await offeringAgents(this.#aws, this.#mesh, capability))?.rollout;
  }

  /**
   * Begins a rollout with its first step.
   *
   * @throws InvalidQueryError naming what is wrong with the options; NotOfferedError; RolloutError when one is under way, when the agent
   *   is not healthy, or when no other agent has a share; MissingTableError
   * @example
   * ```ts
   * await mesh.rollouts.start('sentiment-analysis', { to: 'sentiment-v2', steps: [10, 50, 100], everySeconds: 300 });
   * ```
   */
  async start(capability: string, options: RolloutOptions): Promise<Rollout> {
    const { startRollout } = await import('./start-rollout.ts');
    return startRollout(this.#aws, this.#mesh, capability, options);
  }

  /**
   * Stays in the step that it is in. A rollout that is paused is still rolled back when the agent does worse.
   *
   * @throws InvalidQueryError; RolloutError when none is under way; MissingTableError
   */
  pause(capability: string): Promise<Rollout> {
    return this.#change(capability, 'pause');
  }

  /** Goes on after a pause. @throws as {@link pause} */
  resume(capability: string): Promise<Rollout> {
    return this.#change(capability, 'resume');
  }

  /** Ends it, and gives all agents the weights that they had before it. @throws as {@link pause} */
  abort(capability: string): Promise<Rollout> {
    return this.#change(capability, 'abort');
  }

  async #change(capability: string, change: RolloutChange): Promise<Rollout> {
    const { changeRollout } = await import('./change-rollout.ts');
    return changeRollout(this.#aws, this.#mesh, capability, change);
  }
}
