import { AsyncLocalStorage } from 'node:async_hooks';
import type { BuildAppOptions } from 'fauxqs';
import type { ReceivedMessage } from '../lambda/sqs-event.ts';
import { OPERATOR_SENDER_ID } from './identities.ts';

type SqsStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];
type Queue = ReturnType<SqsStore['createQueue']>;

/** fauxqs' message, and who sent it. It keeps its identity while it is in a queue, in flight, and moved to a dead-letter queue. */
export type SentMessage = Parameters<Queue['enqueue']>[0] & { senderId?: string };

/**
 * Corrects the SenderId of messages. fauxqs gives each message the account's id.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export class SenderIds {
  readonly #sender = new AsyncLocalStorage<string>();
  readonly #received = new WeakMap<object, string>();

  /** Runs the code of a request: messages that it sends get this SenderId. */
  sendAs<Result>(senderId: string, work: () => Result): Result {
    return this.#sender.run(senderId, work);
  }

  /** Marks the messages of a store's queues. Call it before the store has any queue. */
  stamp(store: SqsStore): void {
    const createQueue = store.createQueue.bind(store);
    store.createQueue = (...settings) => {
      const queue = createQueue(...settings);
      this.#stampQueue(queue);
      return queue;
    };
  }

  /** Sets the SenderId of messages that fauxqs has answered a receive with, where it was asked for. */
  correct(messages: readonly ReceivedMessage[]): void {
    for (const message of messages) {
      if (message.Attributes?.SenderId === undefined) continue;
      Object.assign(message.Attributes, { SenderId: this.#received.get(message) ?? OPERATOR_SENDER_ID });
    }
  }

  #stampQueue(queue: Queue): void {
    const { enqueue, dequeue } = queue;
    queue.enqueue = (message: SentMessage) => {
      // A message that is moved to a dead-letter queue keeps its sender.
      message.senderId ??= this.#sender.getStore() ?? OPERATOR_SENDER_ID;
      enqueue.call(queue, message);
    };
    queue.dequeue = (...limits) => {
      const received = dequeue.apply(queue, limits);
      for (const message of received) {
        const sent: SentMessage | undefined = queue.inflightMessages.get(message.ReceiptHandle)?.message;
        if (sent?.senderId !== undefined) this.#received.set(message, sent.senderId);
      }
      return received;
    };
  }
}
