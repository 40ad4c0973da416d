import type { QueueDepth } from '../queues/queue-depth.ts';

/** An agent's inbox: how many messages it has, and whether the agent receives them. */
export interface InboxState extends QueueDepth {
  readonly agent: string;
  /** The agent's event source mapping is switched off (`posthorn pause`): its messages wait. `undefined` where that is not known. */
  readonly isPaused: boolean | undefined;
}
