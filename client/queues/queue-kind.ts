import { deadLetterQueueName, errorQueueName, inboxName, type MeshName } from '../../events/names.ts';

/** One of the three queues of an agent. */
export type QueueKind = 'inbox' | 'error' | 'dead-letter';

/** The queues of failed messages: `error` has the rejected ones, `dead-letter` those whose attempts are used up. */
export type FailedQueueKind = Exclude<QueueKind, 'inbox'>;

const NAMES = { inbox: inboxName, error: errorQueueName, 'dead-letter': deadLetterQueueName };

/** The physical name of an agent's queue. */
export const queueName = (mesh: MeshName, agent: string, kind: QueueKind): string => NAMES[kind](mesh, agent);
