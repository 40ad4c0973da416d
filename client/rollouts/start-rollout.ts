import { isEjected } from '../../events/find-offers.ts';
import type { MeshName } from '../../events/names.ts';
import { FULL_WEIGHT, offersTableName } from '../../events/offer.ts';
import { MAX_ROLLOUT_STEPS, MAX_STEP_SECONDS, type Rollout, shareOf } from '../../events/rollout.ts';
import type { AwsClients } from '../aws-clients.ts';
import { InvalidQueryError, RolloutError } from '../errors.ts';
import { offeringAgents } from './offering-agents.ts';
import { refuseSecond } from './refuse-second.ts';
import { notOffered, setWeights } from './set-weights.ts';
import { shiftedWeights } from './shifted-weights.ts';
import { writeRollout } from './update-offer.ts';

/** A rollout that begins, see {@link Rollouts.start}. */
export interface RolloutOptions {
  /** The agent that gets the capability's journeys. */
  readonly to: string;
  /** Its share in each step, in percent: up to 20 whole numbers from 1 to 100, each above the one before. */
  readonly steps: readonly number[];
  /** A step lasts at least so long: 1 to 604,800. @default 300 */
  readonly everySeconds?: number | undefined;
}

const DEFAULT_EVERY_SECONDS = 300;

/** Begins a rollout with its first step. @throws InvalidQueryError, NotOfferedError, RolloutError, MissingTableError */
export async function startRollout(
  aws: AwsClients,
  mesh: MeshName,
  capability: string,
  { to, steps, everySeconds = DEFAULT_EVERY_SECONDS }: RolloutOptions,
): Promise<Rollout> {
  checkSteps(steps, everySeconds);
  const offers = await offeringAgents(aws, mesh, capability);
  const target = offers.find(({ offer }) => offer.agent === to);
  if (target === undefined) throw notOffered(to, capability);
  refuseSecond(offers, capability);
  const now = Date.now();
  if (isEjected(target.offer, now))
    throw new RolloutError(`'${to}' is not healthy: ${target.offer.health?.reason ?? 'the probe has ejected it'}`, {
      remedy: 'Mend it first. Its ejection ends by itself when the probe finds nothing wrong.',
    });
  const agents = offers.map(({ offer }) => offer);
  if (!agents.some(({ agent, weight }) => agent !== to && weight > 0))
    throw new RolloutError(`no other agent has a share of '${capability}', so there is nothing to move in steps`, {
      remedy: `It gets all journeys already, or with: npx posthorn rollout ${capability} --to ${to} --weight ${FULL_WEIGHT}.`,
    });
  const rollout: Rollout = {
    ...{ to, version: target.offer.version, steps: [...steps], everySeconds },
    ...{ startedAt: now, step: 0, since: now, state: 'running' },
    before: Object.fromEntries(agents.map(({ agent, weight }) => [agent, weight])),
  };
  const table = { dynamodb: aws.dynamodb, table: offersTableName(mesh) };
  if (!(await writeRollout(table, { capability, agent: to }, rollout, target.written)))
    throw new RolloutError(`the offer of '${to}' has changed at the same moment`, { remedy: 'Try again.' });
  await setWeights(table, { capability, agent: to, weights: shiftedWeights(agents, to, shareOf(rollout)), known: agents });
  return rollout;
}

function checkSteps(steps: readonly number[], everySeconds: number): void {
  const isRising = steps.every((share, index) => index === 0 || share > (steps[index - 1] ?? 0));
  const areShares = steps.every((share) => Number.isInteger(share) && share >= 1 && share <= FULL_WEIGHT);
  if (steps.length === 0 || steps.length > MAX_ROLLOUT_STEPS || !areShares || !isRising)
    throw new InvalidQueryError(`the steps are ${steps.length === 0 ? 'none' : steps.join(', ')}`, {
      remedy: `Give 1 to ${MAX_ROLLOUT_STEPS} whole numbers from 1 to ${FULL_WEIGHT}, each above the one before: 10,50,100.`,
    });
  if (!(Number.isInteger(everySeconds) && everySeconds >= 1 && everySeconds <= MAX_STEP_SECONDS))
    throw new InvalidQueryError(`everySeconds is ${everySeconds}`, { remedy: `Give a whole number from 1 to ${MAX_STEP_SECONDS}.` });
}
