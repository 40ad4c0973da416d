import type { FailedQueueKind } from '../../../client/index.ts';

/** One of an agent's two queues of messages that were not processed. */
export interface FailedQueue {
  /** The command's name. */
  readonly command: 'dlq' | 'errors';
  readonly title: string;
  readonly kind: FailedQueueKind;
}

export const deadLetterQueue: FailedQueue = { command: 'dlq', title: 'dead-letter queue', kind: 'dead-letter' };

export const errorQueue: FailedQueue = { command: 'errors', title: 'error queue', kind: 'error' };
