import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { HeldMessages } from './held-messages.ts';

export interface QueueWalkOptions {
  /** Messages looked at before the walk ends. */
  readonly max: number;
  /** How long a message stays hidden, should this process die before it gives it back. */
  readonly hiddenSeconds: number;
  readonly waitSeconds: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Shows every message of a queue once, up to ten at a time, and gives back what was not deleted: at the end, when the signal aborts,
 * and when the loop is left.
 *
 * A queue cannot be read without receiving. So a message that was looked at stays hidden until the walk ends, which is also
 * what keeps it from being shown twice. Its receive count goes up by one; an error queue and a dead-letter queue have no redrive
 * policy that would act on that.
 */
export class QueueWalk {
  readonly #sqs: SQSClient;
  readonly #options: QueueWalkOptions;
  #held: HeldMessages | undefined;
  /** Messages that were shown. */
  looked = 0;
  /** Whether the queue had no more messages to show. */
  reachedEnd = false;
  /** Messages that could not be given back: they become visible by themselves. */
  stillHidden = 0;

  constructor(sqs: SQSClient, options: QueueWalkOptions) {
    this.#sqs = sqs;
    this.#options = options;
  }

  async *batches(queueUrl: string): AsyncGenerator<readonly Message[], void, undefined> {
    const { max, hiddenSeconds, waitSeconds, signal } = this.#options;
    const held = new HeldMessages(this.#sqs, queueUrl);
    this.#held = held;
    try {
      while (this.looked < max && !signal?.aborted) {
        const { fresh } = await held.receive({ max: max - this.looked, hiddenSeconds, waitSeconds });
        // Only what was shown is redelivered: the walk has taken longer than messages stay hidden, or SQS delivered one twice.
        if (fresh.length === 0) {
          this.reachedEnd = true;
          return;
        }
        this.looked += fresh.length;
        if (!signal?.aborted) yield fresh;
      }
    } finally {
      this.stillHidden = await held.giveBack();
    }
  }

  /** Deletes a message that was shown. @returns `false` when SQS did not delete it: it is given back */
  async delete(messageId: string): Promise<boolean> {
    return (await this.#held?.delete([messageId]))?.length === 0;
  }
}
