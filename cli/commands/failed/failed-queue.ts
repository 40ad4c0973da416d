import { deadLetterQueueName, errorQueueName } from '../../../events/names.ts';
import type { QueueNaming } from '../../queues.ts';

/** One of an agent's two queues of messages that were not processed. */
export interface FailedQueue {
  /** The command's name. */
  readonly command: 'dlq' | 'errors';
  readonly title: string;
  readonly naming: QueueNaming;
}

export const deadLetterQueue: FailedQueue = { command: 'dlq', title: 'dead-letter queue', naming: deadLetterQueueName };

export const errorQueue: FailedQueue = { command: 'errors', title: 'error queue', naming: errorQueueName };
