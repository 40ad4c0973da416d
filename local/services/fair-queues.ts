import type { BuildAppOptions } from 'fauxqs';
import { nextMessages } from './next-messages.ts';

type SqsStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];
type Queue = ReturnType<SqsStore['createQueue']>;
type SentMessage = Queue['messages'][number];

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const GROUP_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * Makes standard queues fair. fauxqs drops the MessageGroupId of messages to them: here the messages keep it, and a receive takes those of
 * quiet groups before those of noisy ones, see {@link nextMessages}.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export class FairQueues {
  /** By the message attributes, an object that fauxqs passes on from the request to the queue. */
  readonly #groups = new WeakMap<object, string>();

  /**
   * Remembers the groups of the messages that a request sends.
   *
   * @param target the header `x-amz-target` of the request
   * @param body as fauxqs will read it
   * @returns why SQS would refuse it; otherwise `undefined`
   */
  admit(target: unknown, body: unknown): string | undefined {
    for (const entry of entriesOf(target, body)) {
      const { MessageGroupId: group } = entry;
      if (group === undefined || group === null) continue;
      if (typeof group !== 'string' || !GROUP_ID.test(group))
        return 'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.';
      entry.MessageAttributes ??= {};
      if (isObject(entry.MessageAttributes)) this.#groups.set(entry.MessageAttributes, group);
    }
    return undefined;
  }

  /** Makes the standard queues of a store fair. Call it before the store has any queue. */
  watch(store: SqsStore): void {
    const createQueue = store.createQueue.bind(store);
    store.createQueue = (...settings) => {
      const queue = createQueue(...settings);
      if (!queue.isFifo()) this.#makeFair(queue);
      return queue;
    };
  }

  #makeFair(queue: Queue): void {
    const { enqueue, dequeue } = queue;
    let noisy: ReadonlySet<string> = new Set();
    /** The last message that was seen: all that wait before it are of noisy groups. */
    let lastNoisy: SentMessage | undefined;
    queue.enqueue = (message) => {
      const group = this.#groups.get(message.messageAttributes);
      this.#groups.delete(message.messageAttributes);
      // A message that is moved to a dead-letter queue keeps its group.
      if (group !== undefined) message.messageGroupId = group;
      enqueue.call(queue, message);
    };
    queue.dequeue = (...limits) => {
      const { messages } = queue;
      const noisyUpTo = lastNoisy === undefined ? 0 : messages.lastIndexOf(lastNoisy) + 1;
      const next = nextMessages(messages, groupsInFlight(queue), noisy, Math.min(limits[0], 10), noisyUpTo);
      noisy = next.noisy;
      moveToFront(messages, next.indexes);
      // Messages are only added at the end.
      if (next.isNoisyRest) lastNoisy = messages.at(-1);
      else if (noisy.size === 0) lastNoisy = undefined;
      const received = dequeue.apply(queue, limits);
      // It may be put back, behind messages that were not looked at.
      if (received.some(({ ReceiptHandle }) => queue.inflightMessages.get(ReceiptHandle)?.message === lastNoisy)) lastNoisy = undefined;
      return received;
    };
  }
}

function entriesOf(target: unknown, body: unknown): readonly Record<string, unknown>[] {
  if (!isObject(body)) return [];
  if (target === 'AmazonSQS.SendMessage') return [body];
  return target === 'AmazonSQS.SendMessageBatch' && Array.isArray(body.Entries) ? body.Entries.filter(isObject) : [];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function groupsInFlight(queue: Queue): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { message } of queue.inflightMessages.values())
    counts.set(message.messageGroupId, (counts.get(message.messageGroupId) ?? 0) + 1);
  return counts;
}

function moveToFront<Item>(items: Item[], indexes: readonly number[]): void {
  if (indexes.every((index, position) => index === position)) return;
  const chosen = indexes.flatMap((index) => items.slice(index, index + 1));
  for (const index of indexes.toSorted((one, other) => other - one)) items.splice(index, 1);
  items.unshift(...chosen);
}
