import type { SQSClient } from '@aws-sdk/client-sqs';
import { LRUCache } from 'lru-cache';
import { HeldMessages } from '../queues/held-messages.ts';
import { identityOf, type Reply, readReply } from './reply.ts';

/** How {@link MeshClient.replies} reads. */
export interface RepliesOptions {
  /** Whether taken replies are deleted. If `false`, all are given back at the end. @default true */
  readonly take?: boolean | undefined;
  /** Whether to wait for more at the end of the queue, until the signal aborts. @default true */
  readonly follow?: boolean | undefined;
  /** The reading ends after so many replies. @default no limit */
  readonly max?: number | undefined;
  /** Ends the reading within a second after it aborts: the request under way is not aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** How many replies are remembered in order to recognise copies. */
const MAX_REMEMBERED = 100_000;

/** How long a reply stays hidden from other readers. If its handling takes longer, another reader may get it as well. */
const HIDDEN_SECONDS = 30;

/** The wait of a request while following. It is short because an aborted signal waits for the answer. */
const FOLLOW_WAIT_SECONDS = 1;

/** The replies of a mesh, each once: see {@link MeshClient.replies}. */
export class Replies implements AsyncIterable<Reply> {
  readonly #sqs: SQSClient;
  readonly #queueUrl: () => Promise<string>;
  readonly #waitSeconds: number;
  readonly #options: RepliesOptions;
  #copies = 0;
  #stillHidden = 0;

  /** @internal */
  constructor(sqs: SQSClient, queueUrl: () => Promise<string>, waitSeconds: number, options: RepliesOptions) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#waitSeconds = options.follow === false ? waitSeconds : FOLLOW_WAIT_SECONDS;
    this.#options = options;
  }

  /** Copies that were left out so far. */
  get copies(): number {
    return this.#copies;
  }

  /** Messages that could not be given back. They become visible when their visibility timeout ends. Known at the end. */
  get stillHidden(): number {
    return this.#stillHidden;
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
            } else if (fresh.includes(message)) this.#copies++;
            // After the yield: a consumer that leaves the loop has not taken the reply.
            taken.push(reply.messageId);
          }
        } finally {
          if (take) await held.delete(taken);
        }
      }
    } finally {
      this.#stillHidden = await held.makeVisible();
    }
  }
}
