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
 * Shows every message of a queue once, up to ten at a time. It gives back the messages that were not deleted when it ends, when the
 * signal aborts, and when the loop breaks.
 *
 * A queue can only be read by receiving. So a message that was shown stays hidden until the walk ends, which also prevents it from
 * being shown twice. Its receive count goes up by one; error queues and dead-letter queues have no redrive policy that would act on
 * that.
 */
export class QueueWalk {
  readonly #sqs: SQSClient;
  readonly #options: QueueWalkOptions;
  #held: HeldMessages | undefined;
  /** Messages that were shown. */
  looked = 0;
  /** Whether the queue had no more messages to show. */
  reachedEnd = false;
  /** Messages that could not be given back. They become visible when their visibility timeout ends. */
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
        // Everything received was shown before: the walk outlasts the visibility timeout, or SQS delivered a message twice.
        if (fresh.length === 0) {
          this.reachedEnd = true;
          return;
        }
        this.looked += fresh.length;
        if (!signal?.aborted) yield fresh;
      }
    } finally {
      this.stillHidden = await held.makeVisible();
    }
  }

  /** Deletes a message that was shown. @returns `false` if SQS did not delete it; it is given back */
  async delete(messageId: string): Promise<boolean> {
    return (await this.#held?.delete([messageId]))?.length === 0;
  }
}
