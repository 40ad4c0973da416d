import type { SQSClient } from '@aws-sdk/client-sqs';
import { LRUCache } from 'lru-cache';
import { HeldMessages } from '../queues/held-messages.ts';
import { identityOf, type Reply, readReply } from './reply.ts';

export interface RepliesOptions {
  /** Whether replies are deleted as they are taken; otherwise all are given back at the end. @default true */
  readonly take?: boolean | undefined;
  /** Whether to wait for more at the end of the queue, until the signal aborts. @default true */
  readonly follow?: boolean | undefined;
  /** Replies given before the reading ends. @default no limit */
  readonly max?: number | undefined;
  /** Ends the reading when it aborts: within a second, because the request that is under way is not thrown away. */
  readonly signal?: AbortSignal | undefined;
}

/** How many replies are remembered, to recognise their copies. */
const MAX_REMEMBERED = 100_000;

/** How long a reply stays hidden from other readers: one that takes longer to be handled may be handled by another reader as well. */
const HIDDEN_SECONDS = 30;

/** While following: short, because a signal that aborts waits for the answer. */
const FOLLOW_WAIT_SECONDS = 1;

/** The replies of a mesh, each given once: see {@link MeshClient.replies}. */
export class Replies implements AsyncIterable<Reply> {
  readonly #sqs: SQSClient;
  readonly #queueUrl: () => Promise<string>;
  readonly #waitSeconds: number;
  readonly #options: RepliesOptions;
  /** Copies of replies that had been given before. */
  copies = 0;
  /** Messages that could not be given back: they become visible by themselves. Known at the end. */
  stillHidden = 0;

  constructor(sqs: SQSClient, queueUrl: () => Promise<string>, waitSeconds: number, options: RepliesOptions) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#waitSeconds = options.follow === false ? waitSeconds : FOLLOW_WAIT_SECONDS;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Reply, void, undefined> {
    const { take = true, follow = true, max = Infinity, signal } = this.#options;
    const held = new HeldMessages(this.#sqs, await this.#queueUrl());
    const known = new LRUCache<string, true>({ max: MAX_REMEMBERED });
    let given = 0;
    try {
      while (given < max && !signal?.aborted) {
        const { all, fresh } = await held.receive({ hiddenSeconds: HIDDEN_SECONDS, waitSeconds: this.#waitSeconds });
        if (fresh.length === 0 && !follow) return;
        const taken: string[] = [];
        try {
          for (const message of all) {
            if (given >= max || signal?.aborted) break;
            const reply = readReply(message);
            const identity = identityOf(reply);
            if (!known.has(identity)) {
              yield reply;
              given++;
              known.set(identity, true);
            } else if (fresh.includes(message)) this.copies++;
            // Behind the yield: where the consumer leaves the loop, the reply that it was given is not taken.
            taken.push(reply.messageId);
          }
        } finally {
          if (take) await held.delete(taken);
        }
      }
    } finally {
      this.stillHidden = await held.giveBack();
    }
  }
}
