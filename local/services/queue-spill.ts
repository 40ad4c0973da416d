import type { BuildAppOptions } from 'fauxqs';
import type { SentMessage } from './sender-ids.ts';
import { SpilledContents } from './spilled-contents.ts';
import { SpilledMessage } from './spilled-message.ts';

type SqsStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];
type Queue = ReturnType<SqsStore['createQueue']>;

/** So many messages of a queue keep their contents in memory: a mesh that keeps up never writes any to the disk. */
const IN_MEMORY = 1_000;

/**
 * Keeps the contents of messages that wait in long standard queues on disk, so that a flood takes memory for what a message is known
 * by, and not for what is in it. fauxqs keeps all of it. A FIFO queue stays in memory.
 */
export class QueueSpill implements Disposable {
  /** Opened with the first message that needs it. */
  #contents: SpilledContents | undefined;
  #isLoading = false;

  /** Call it before the store has any queue. */
  attach(store: SqsStore): void {
    const { createQueue, deleteQueue } = store;
    store.createQueue = (...settings) => {
      const queue = createQueue.apply(store, settings);
      if (queue.isFifo()) return queue;
      this.#attachQueue(queue);
      if (this.#isLoading) {
        queue.messages = this.#spillingList();
        queue.delayedMessages = this.#spillingList();
      }
      return queue;
    };
    store.deleteQueue = (url) => {
      const queue = store.getQueue(url);
      if (queue !== undefined) forgetAll(queue);
      return deleteQueue.call(store, url);
    };
  }

  /** Does the same with the messages that a store loads from its data directory: fauxqs pushes them past its `enqueue`. */
  load(store: SqsStore, work: () => void): void {
    this.#isLoading = true;
    work();
    this.#isLoading = false;
    for (const queue of store.allQueues()) {
      queue.messages = [...queue.messages];
      queue.delayedMessages = [...queue.delayedMessages];
    }
  }

  [Symbol.dispose](): void {
    this.#contents?.[Symbol.dispose]();
  }

  #attachQueue(queue: Queue): void {
    const { enqueue, deleteMessage, purge } = queue;
    queue.enqueue = (message) => {
      const isLong = queue.messages.length + queue.delayedMessages.length >= IN_MEMORY;
      enqueue.call(queue, isLong ? this.#spilled(message) : message);
    };
    queue.deleteMessage = (handle) => {
      const message = queue.inflightMessages.get(handle)?.message;
      const isDeleted = deleteMessage.call(queue, handle);
      forget(message);
      return isDeleted;
    };
    queue.purge = () => {
      forgetAll(queue);
      purge.call(queue);
    };
  }

  /** Messages are spilled as they are pushed, so that they are never all in memory. */
  #spillingList(): SentMessage[] {
    const list: SentMessage[] = [];
    const push = list.push.bind(list);
    list.push = (...messages) => {
      for (const message of messages) push(list.length < IN_MEMORY ? message : this.#spilled(message));
      return list.length;
    };
    return list;
  }

  /** A message that is moved to a dead-letter queue is spilled already. */
  #spilled(message: SentMessage): SentMessage {
    if (message instanceof SpilledMessage) return message;
    this.#contents ??= new SpilledContents();
    return new SpilledMessage(message, this.#contents);
  }
}

function forgetAll(queue: Queue): void {
  const { ready, delayed, inflight } = queue.inspectMessages();
  for (const message of [...ready, ...delayed, ...inflight.map((entry) => entry.message)]) forget(message);
}

function forget(message: SentMessage | undefined): void {
  if (message instanceof SpilledMessage) message.remove();
}
