import pMap from 'p-map';
import type { InboxState, MeshClient } from '../client/index.ts';

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
  readonly #asked: string[] = [];

  constructor(mesh: Pick<MeshClient, 'inbox'>) {
    this.#mesh = mesh;
  }

  /** Asks for those that are not known. */
  async ask(agents: readonly string[]): Promise<void> {
    const unknown = [...new Set(agents)].filter((agent) => !this.#known.has(agent));
    this.#asked.push(...unknown);
    await pMap(unknown, async (agent) => void this.#known.set(agent, await this.#read(agent)), { concurrency: CONCURRENCY });
  }

  /** All that were asked for, in that order. */
  get all(): readonly Inbox[] {
    return this.#asked.flatMap((agent) => this.#known.get(agent) ?? []);
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
export function inboxJson(inbox: Inbox): object {
  if ('problem' in inbox) return inbox;
  const { agent, visible, inFlight, delayed, waitingSince, receivedSince, isPaused: paused, snapshotsProblem } = inbox;
  return {
    ...{ agent, visible, inFlight, delayed, isPaused: paused ?? null },
    waitingSince: waitingSince === undefined ? null : new Date(waitingSince).toISOString(),
    receivedSince: receivedSince ?? null,
    snapshotsProblem: snapshotsProblem ?? null,
  };
}
