import type { QueueDepth } from '../queues/queue-depth.ts';

/** An agent's inbox: how many messages it has, since when the oldest waits, and whether the agent receives them. */
export interface InboxState extends QueueDepth {
  readonly agent: string;
  /** The agent's event source mapping is switched off (`posthorn pause`): its messages wait. `undefined` where that is not known. */
  readonly isPaused: boolean | undefined;
  /** Epoch milliseconds. The oldest message that waits was sent before then. `undefined` where no snapshot shows one. */
  readonly waitingSince?: number | undefined;
  /** How many messages the agent has received since then, about: a message that is tried again counts each time. */
  readonly receivedSince?: number | undefined;
  /** Why the snapshots do not tell since when messages wait. */
  readonly snapshotsProblem?: string | undefined;
}
