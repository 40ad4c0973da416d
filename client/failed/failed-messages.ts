import type { SQSClient } from '@aws-sdk/client-sqs';
import { QueueWalk, type QueueWalkOptions } from '../queues/queue-walk.ts';
import { type FailedMessage, readFailedMessage } from './failed-message.ts';

/** The messages of an error queue or dead-letter queue, each once. They stay in the queue: see {@link MeshClient.failed}. */
export class FailedMessages implements AsyncIterable<FailedMessage> {
  readonly #walk: QueueWalk;
  readonly #queueUrl: () => Promise<string>;
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(sqs: SQSClient, queueUrl: () => Promise<string>, options: QueueWalkOptions) {
    this.#walk = new QueueWalk(sqs, options);
    this.#queueUrl = queueUrl;
    this.#signal = options.signal;
  }

  /** Messages received so far. */
  get looked(): number {
    return this.#walk.looked;
  }

  /** Whether the queue had no more messages to show. */
  get reachedEnd(): boolean {
    return this.#walk.reachedEnd;
  }

  /** Messages that could not be given back. They become visible when their visibility timeout ends. Known at the end. */
  get stillHidden(): number {
    return this.#walk.stillHidden;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FailedMessage, void, undefined> {
    for await (const batch of this.#walk.batches(await this.#queueUrl())) {
      for (const message of batch) {
        if (this.#signal?.aborted) return;
        yield readFailedMessage(message);
      }
    }
  }
}
