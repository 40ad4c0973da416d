import type { LedgerRecord } from '../events/ledger-record.ts';
import { type MeshName, meshName } from '../events/names.ts';
import { AwsClients } from './aws-clients.ts';
import { ContentBucket } from './content-bucket.ts';
import { FailedMessages } from './failed/failed-messages.ts';
import { type RedriveOptions, type RedriveResult, redriveMessages } from './failed/redrive.ts';
import { type Hop, journey, records } from './ledger.ts';
import type { MeshClientOptions } from './mesh-client-options.ts';
import { agentIds, agentQueueUrl, noAgents, repliesQueueUrl } from './queues/agent-queues.ts';
import { type QueueDepth, queueDepth } from './queues/queue-depth.ts';
import type { FailedQueueKind, QueueKind } from './queues/queue-kind.ts';
import { Replies, type RepliesOptions } from './replies/replies.ts';
import { deliver } from './send/deliver.ts';
import { type EventIdentity, type PreparedMessage, type PrepareOptions, prepareEvent } from './send/prepare-event.ts';
import { type SendResult, sendAll } from './send/send-all.ts';

export interface SendManyOptions<Item> extends PrepareOptions {
  /** Makes a message of an item. @default the item is an event or its data, see {@link MeshClient.prepare} */
  readonly prepare?: ((item: Item) => Promise<PreparedMessage>) | undefined;
  /** Requests at the same time. @default 8 */
  readonly concurrency?: number | undefined;
  /** Ends the sending. */
  readonly signal?: AbortSignal | undefined;
}

export interface FailedOptions {
  /** Messages looked at before the iteration ends. @default no limit */
  readonly max?: number | undefined;
  /** How long messages stay hidden, should this process die before it gives them back. @default 30 */
  readonly hiddenSeconds?: number | undefined;
  /** Ends the iteration when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** An event that SQS has taken. */
export interface SentEvent extends EventIdentity {
  /** The id that SQS gave it. */
  readonly messageId: string;
}

/**
 * A mesh as its producers and operators see it, by AWS APIs alone: it works the same on AWS, on LocalStack and on `posthorn dev`.
 *
 * AWS clients are made when they are first used. Errors of the network and of AWS are thrown as the AWS SDK throws them.
 *
 * @throws RangeError when prefix or stage cannot be a mesh's
 * @example
 * ```ts
 * await using mesh = new MeshClient({ stage: 'prod' });
 * const { traceparent } = await mesh.send('greeting', { name: 'Ada' }, { type: 'greeting.requested' });
 * ```
 */
export class MeshClient implements AsyncDisposable {
  readonly name: MeshName;
  /** The mesh's content bucket. */
  readonly content: ContentBucket;
  readonly #aws: AwsClients;
  readonly #queueUrls = new Map<string, Promise<string>>();

  constructor({ prefix, stage, ...aws }: MeshClientOptions = {}) {
    this.name = meshName({ ...(prefix !== undefined && { prefix }), ...(stage !== undefined && { stage }) });
    this.#aws = new AwsClients(aws);
    this.content = new ContentBucket(this.name, this.#aws);
  }

  /** The ids of the mesh's agents, in alphabetical order. @throws NoAgentsError when there are none */
  async agents(): Promise<readonly string[]> {
    const ids = await agentIds(this.#aws, this.name);
    if (ids.length === 0) throw noAgents(this.#aws, this.name);
    return ids;
  }

  /**
   * The URL of an agent's queue.
   *
   * @throws UnknownAgentError with the agents that there are; NoAgentsError; MissingQueueError
   */
  queueOf(agent: string, kind: QueueKind): Promise<string> {
    return this.#queueUrl(`${agent} ${kind}`, () => agentQueueUrl(this.#aws, this.name, agent, kind));
  }

  /** How many messages an agent's queue has. SQS's counts are approximate. @throws as {@link queueOf} */
  async depth(agent: string, kind: QueueKind): Promise<QueueDepth> {
    return queueDepth(this.#aws.sqs, await this.queueOf(agent, kind));
  }

  /**
   * Makes a message of an event or of its data: fills in `specversion`, `id`, `source`, `time` and a sampled `traceparent` where they
   * are missing, validates as agents do, and stores data that does not fit into 1 MiB in the content bucket.
   *
   * @param given an object with `specversion`, or with `data` or `dataref` and only attributes of an envelope, is an event; anything
   *   else is data
   * @throws InvalidEventError naming the field that is wrong
   */
  prepare(given: unknown, options?: PrepareOptions): Promise<PreparedMessage> {
    return prepareEvent(given, this.content, options);
  }

  /**
   * Sends one event to an agent. Sent again with the same `id` and `source`, it is handled once.
   *
   * @param given an event or its data, see {@link prepare}
   * @throws InvalidEventError, NotSentError, and as {@link queueOf}
   */
  async send(agent: string, given: unknown, options?: PrepareOptions): Promise<SentEvent> {
    const { body, event } = await this.prepare(given, options);
    const [delivered] = await deliver(this.#aws.sqs, await this.queueOf(agent, 'inbox'), [body], undefined);
    if (delivered === undefined || event === undefined) throw new TypeError('an event that was delivered has an identity and a result');
    if ('error' in delivered) throw delivered.error;
    return { ...event, messageId: delivered.messageId };
  }

  /**
   * Sends many events to an agent, as fast as its queue takes them, ten messages and 1 MiB a request. Only what is under way is held
   * in memory; the order is not kept; a request is sent when it is full or the source ends.
   *
   * After an error that the next item would meet as well, or when the signal aborts, no more items are taken from the source, which
   * stays open; those under way are `unsent`.
   *
   * @returns what became of each item that was taken
   * @throws that error, or the signal's reason, after the last result; and as {@link queueOf}
   * @example
   * ```ts
   * for await (const result of mesh.sendMany('order-processing', orders, { type: 'order.placed' }))
   *   if (result.status === 'failed') console.error(result.item, result.error);
   * ```
   */
  async *sendMany<Item>(agent: string, items: AsyncIterable<Item>, options: SendManyOptions<Item> = {}): AsyncGenerator<SendResult<Item>> {
    const { prepare = (item: Item) => this.prepare(item, options), concurrency = 8, signal } = options;
    const inbox = await this.queueOf(agent, 'inbox');
    yield* sendAll(items, { prepare, deliver: (bodies) => deliver(this.#aws.sqs, inbox, bodies, signal), concurrency, signal });
  }

  /**
   * The messages of an agent's error queue or dead-letter queue, each shown once. They stay there: they are hidden from others while
   * the loop runs, and given back when it ends, is left, or the signal aborts. If the process dies they become visible again after
   * `hiddenSeconds`.
   *
   * A queue may hold copies of one message: the same id, source and generation is the same message.
   *
   * @throws as {@link queueOf}, from the iteration
   * @example
   * ```ts
   * for await (const { id, failure } of mesh.failed('greeting', 'dead-letter', { max: 100 })) console.log(id, failure?.reason);
   * ```
   */
  failed(agent: string, kind: FailedQueueKind, { max = Infinity, hiddenSeconds = 30, signal }: FailedOptions = {}): FailedMessages {
    const options = { max, hiddenSeconds, signal, waitSeconds: this.#waitSeconds };
    return new FailedMessages(this.#aws.sqs, () => this.queueOf(agent, kind), options);
  }

  /**
   * Puts messages of an agent's error queue or dead-letter queue back into its inbox, with the next generation where the mesh recorded a
   * failure, otherwise as they are. Each is sent before it is deleted: a crash in between leaves a copy, which the ledger recognises.
   *
   * @returns what became of each message that was meant
   * @throws as {@link queueOf}, and what would fail the other messages too
   * @example
   * ```ts
   * for await (const { message, status } of mesh.redrive('greeting', 'dead-letter', { ids: ['order-4711'] })) console.log(message.id, status);
   * ```
   */
  async *redrive(agent: string, kind: FailedQueueKind, options: RedriveOptions = {}): AsyncGenerator<RedriveResult, void, undefined> {
    const [from, to] = [await this.queueOf(agent, kind), await this.queueOf(agent, 'inbox')];
    yield* redriveMessages({ sqs: this.#aws.sqs, content: this.content, from, to, waitSeconds: this.#waitSeconds }, options);
  }

  /**
   * Every hop of a journey, first those that began first. A journey is indexed when it is sampled, or a message of it failed.
   *
   * @param traceId 32 hexadecimal digits, the second part of a `traceparent`
   * @example
   * ```ts
   * for (const { agent, outcome, error } of await mesh.journey(traceId)) console.log(agent, outcome ?? 'under way', error?.reason);
   * ```
   */
  journey(traceId: string): Promise<readonly Hop[]> {
    return journey(this.#aws.dynamodb, this.name, traceId);
  }

  /** The ledger's records of messages, by key: see `messageKey` and `unopenedKey`. A key without a record has none in the answer. */
  records(messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
    return records(this.#aws.dynamodb, this.name, messageKeys);
  }

  /**
   * The mesh's replies, at least once, and by one reader once: of copies of a reply (same id and source) only the first is given, as
   * long as no 100,000 others came in between.
   *
   * A reply is taken when the next one is asked for; what is taken is deleted, in requests of up to ten. What was not taken is given
   * back when the signal aborts or the loop is left, by `break` or an error: then that includes the reply that was given last. If the
   * process dies, up to ten that were taken are redelivered. So whoever acts on a reply remembers its id and source beyond the
   * process, or acts in a way that may be repeated.
   *
   * @throws MissingQueueError, from the iteration
   * @example
   * ```ts
   * for await (const { envelope } of mesh.replies({ signal })) await record(envelope?.correlationid, envelope?.data);
   * ```
   */
  replies(options: RepliesOptions = {}): Replies {
    return new Replies(
      this.#aws.sqs,
      () => this.#queueUrl('replies', () => repliesQueueUrl(this.#aws, this.name)),
      this.#waitSeconds,
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aws.destroy();
  }

  /** From 1 on SQS asks all of its servers: an empty answer to a short poll may only mean that the wrong ones were asked. */
  get #waitSeconds(): number {
    return this.#aws.isLocal ? 0 : 1;
  }

  #queueUrl(key: string, ask: () => Promise<string>): Promise<string> {
    const url =
      this.#queueUrls.get(key) ??
      ask().catch((error: unknown) => {
        this.#queueUrls.delete(key);
        throw error;
      });
    this.#queueUrls.set(key, url);
    return url;
  }
}
