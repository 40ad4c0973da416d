import pMap from 'p-map';
import type { InboxState, MeshClient } from '../client/index.ts';
import { meshCommand } from './mesh-command.ts';

/** An inbox that could not be read. That is a fact about the messages in it, not an error of the command. */
export interface UnreadInbox {
  readonly agent: string;
  readonly problem: string;
}

/** What the ledger does not know about messages that wait. */
export type Inbox = InboxState | UnreadInbox;

const CONCURRENCY = 5;

/** The inboxes of agents, each asked for once. */
export class Inboxes {
  readonly #mesh: Pick<MeshClient, 'inbox'>;
  readonly #known = new Map<string, Inbox>();

  constructor(mesh: Pick<MeshClient, 'inbox'>) {
    this.#mesh = mesh;
  }

  /** Asks for those that are not known. */
  async ask(agents: readonly string[]): Promise<void> {
    const unknown = [...new Set(agents)].filter((agent) => !this.#known.has(agent));
    await pMap(unknown, async (agent) => void this.#known.set(agent, await this.#read(agent)), { concurrency: CONCURRENCY });
  }

  /** As it was asked for. */
  of(agent: string): Inbox | undefined {
    return this.#known.get(agent);
  }

  async #read(agent: string): Promise<Inbox> {
    try {
      return await this.#mesh.inbox(agent);
    } catch (error) {
      return { agent, problem: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** Whether it is known that messages in the inbox wait until somebody resumes the agent. */
export const isPaused = (inbox: Inbox | undefined): inbox is InboxState =>
  inbox !== undefined && 'isPaused' in inbox && inbox.isPaused === true;

/** An inbox as machine output. */
export const inboxJson = (inbox: Inbox): object => ('problem' in inbox ? inbox : { ...inbox, isPaused: inbox.isPaused ?? null });

/** What a paused inbox needs, in a line that can be copied from `npx` on. @param flags the options that find the mesh */
export const resumeText = ({ agent, visible }: InboxState, flags: string): string =>
  `${agent} is paused, and about ${visible} ${visible === 1 ? 'message waits' : 'messages wait'} in its inbox: ${meshCommand(['resume', agent], flags)}`;
