import type { MeshClient } from '../../../client/index.ts';
import type { Inbox } from './hop-facts.ts';

/** The inboxes of agents with waiting messages, each asked for once. */
export class Inboxes {
  readonly #mesh: MeshClient;
  readonly #known = new Map<string, Inbox>();

  constructor(mesh: MeshClient) {
    this.#mesh = mesh;
  }

  /** Asks SQS for those that are not known. A queue that is gone or not readable is a fact about the messages in it, not an error. */
  async ask(agents: readonly string[]): Promise<void> {
    const unknown = [...new Set(agents)].filter((agent) => !this.#known.has(agent));
    await Promise.all(
      unknown.map(async (agent) => {
        try {
          this.#known.set(agent, await this.#mesh.depth(agent, 'inbox'));
        } catch (error) {
          this.#known.set(agent, { problem: error instanceof Error ? error.message : String(error) });
        }
      }),
    );
  }

  /** As it was asked for. */
  of(agent: string): Inbox | undefined {
    return this.#known.get(agent);
  }
}
