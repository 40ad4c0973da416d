import { randomUUID } from 'node:crypto';
import { type MeshName, meshName } from '../../events/names.ts';
import { AwsClients } from '../aws-clients.ts';
import { ContentBucket } from '../content-bucket.ts';
import { BackpressureError, ProducerClosedError } from '../errors.ts';
import { Credentials } from '../send/credentials.ts';
import { type PreparedMessage, prepareEvent } from '../send/prepare-event.ts';
import { BULK_LINGER_MS, type SendResult, sendEach } from '../send/send-each.ts';
import type { SentEvent } from '../send/sent-event.ts';
import { agentLane } from './agent-lane.ts';
import type { CapabilityTargets, WantedCapability } from './capability-targets.ts';
import type { Lane } from './lane.ts';
import { ProducerMetrics } from './producer-metrics.ts';
import type { ProduceManyOptions, ProduceOptions, ProducerOptions } from './producer-options.ts';
import type { TargetState } from './target-state.ts';
import { Turns } from './turns.ts';

/** A message's target: the id of an agent, or a capability, for which the producer finds an agent. */
export type ProducerTarget = string | WantedCapability;

const DEFAULTS = { maxInFlight: 100, maxWaiting: 10_000, lingerMs: 5 };

interface Delivery {
  readonly signal: AbortSignal | undefined;
  readonly lingerMs: number;
  readonly isRejecting: boolean;
}

/** For a message that finds all turns taken: some requests take so long. */
const RETRY_MS = 100;

/**
 * Sends to agents no faster than they, and those that they call, can handle it. {@link createProducer} makes it.
 *
 * @see docs/backpressure.md
 */
export class Producer implements AsyncDisposable {
  /** Stores data that does not fit into a message. */
  readonly content: ContentBucket;
  readonly #options: ProducerOptions;
  readonly #mesh: MeshName;
  readonly #aws: AwsClients;
  readonly #credentials: Credentials;
  readonly #turns: Turns;
  readonly #metrics: ProducerMetrics;
  readonly #lanes = new Map<string, Lane>();
  readonly #unresolved = new Set<Promise<unknown>>();
  readonly #flushes = new Set<Promise<unknown>>();
  #capabilities: Promise<CapabilityTargets> | undefined;
  #isClosed = false;

  /** @internal */
  constructor(options: ProducerOptions) {
    const { prefix, stage, authentication, maxInFlight = DEFAULTS.maxInFlight, endpoint, region, credentials } = options;
    this.#options = options;
    this.#mesh = meshName({ ...(prefix !== undefined && { prefix }), ...(stage !== undefined && { stage }) });
    this.#aws = new AwsClients({ endpoint, region, credentials });
    this.content = new ContentBucket(this.#mesh, this.#aws);
    this.#credentials = new Credentials(this.#aws, this.#mesh, authentication);
    this.#turns = new Turns(maxInFlight);
    this.#metrics = new ProducerMetrics(options.meter, this);
  }

  /**
   * Sends an event, or its data, and resolves when SQS has it. Sent again to the same agent with the same `id` and `source`, it is handled
   * once.
   *
   * @param given an event or its data, as in {@link MeshClient.prepare}
   * @throws BackpressureError; InvalidEventError; NotSentError; NoTokenError; UnknownAgentError; NotOfferedError for a capability that
   *   no agent offers; LoadUnreadableError where the load of the target cannot be read; ProducerClosedError; the SDK's errors; the signal's
   *   reason
   */
  async send(target: ProducerTarget, given: unknown, { signal, ...prepare }: ProduceOptions = {}): Promise<SentEvent> {
    const { mode = 'wait', maxWaiting = DEFAULTS.maxWaiting, lingerMs = DEFAULTS.lingerMs } = this.#options;
    return this.#tracked(async () => {
      const isBusy = this.#turns.taken >= this.#maxInFlight;
      if (isBusy && (mode === 'reject' || this.#turns.waiting >= maxWaiting)) throw this.#busy('all its turns are taken', RETRY_MS);
      return this.#inTurn(signal, async () => {
        const message = await prepareEvent(given, this.content, prepare);
        if (message.event === undefined) throw new TypeError('a prepared event has an identity');
        const messageId = await this.#deliver(message, target, { signal, lingerMs, isRejecting: mode === 'reject' });
        return { ...message.event, messageId };
      });
    });
  }

  /**
   * Finds an agent, and reads what it can handle, before the first message.
   *
   * @throws UnknownAgentError; LoadUnreadableError; ProducerClosedError; the SDK's errors
   */
  open(agent: string): Promise<void> {
    return this.#tracked(() => this.#lane(agent).ready());
  }

  /**
   * Sends many events. It takes an item from the source only when it has room for it, so it holds `maxInFlight` of them at most, and it
   * waits for its turn in both modes. It does not keep the order. A Node stream and a web stream are sources, too.
   *
   * After an error that the next item would meet as well, or when the signal aborts, it takes no more items from the source, which stays
   * open. Items under way are `unsent`.
   *
   * @returns the result of each item that was taken
   * @throws that error, or the signal's reason, after the last result; ProducerClosedError
   * @example
   * ```ts
   * for await (const result of producer.sendMany('order-processing', orders))
   *   if (result.status === 'failed') console.error(result.item, result.error);
   * ```
   */
  async *sendMany<Item>(
    target: ProducerTarget,
    items: AsyncIterable<Item> | Iterable<Item>,
    options: ProduceManyOptions<Item> = {},
  ): AsyncGenerator<SendResult<Item>, void, undefined> {
    const { prepare = (item: Item) => prepareEvent(item, this.content, options), signal } = options;
    // A target that does not exist is an error before the first item is taken.
    if (typeof target === 'string') await this.open(target);
    yield* sendEach(items, {
      prepare,
      send: (message, stopped) =>
        this.#tracked(() =>
          this.#inTurn(stopped, () => this.#deliver(message, target, { signal: stopped, lingerMs: BULK_LINGER_MS, isRejecting: false })),
        ),
      concurrency: this.#maxInFlight,
      ended: () => void this.flush(),
      signal,
    });
  }

  /**
   * From 0 to 1: how much of what this producer may do is in use. It is the share of `maxInFlight`, or the expected wait at the slowest
   * target divided by its goal, whichever is more.
   */
  load(): number {
    const pressures = [...this.#lanes.values()].map(({ pressure }) => pressure);
    return Math.min(1, Math.max(this.#turns.taken / this.#maxInFlight, ...pressures));
  }

  /** Messages that were given to it and are not sent yet, without those that wait for their turn. */
  inFlight(): number {
    return this.#turns.taken;
  }

  /** What it knows of each agent that it has sent to. */
  targets(): readonly TargetState[] {
    return [...this.#lanes].map(([agent, { ratePerSecond, pressure, isBraked }]) => ({ agent, ratePerSecond, pressure, isBraked }));
  }

  /** Resolves when every message that was given to it until now has been sent, or has failed. It does not wait for requests to be full. */
  async flush(): Promise<void> {
    const settled = Promise.allSettled([...this.#unresolved]);
    this.#flushes.add(settled);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.flushUntil(settled)));
    await settled;
    this.#flushes.delete(settled);
  }

  /** Takes no more messages, sends those that it has, and closes its connections. Close it once; `await using` does. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    for (const lane of this.#lanes.values()) lane.close();
    this.#metrics.end();
    this.#aws.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #maxInFlight(): number {
    return this.#options.maxInFlight ?? DEFAULTS.maxInFlight;
  }

  /** Does work that {@link flush} waits for. */
  #tracked<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed)
      return Promise.reject(
        new ProducerClosedError('the producer is closed', { remedy: 'Send before close(), or make another producer.' }),
      );
    const result = work();
    this.#unresolved.add(result);
    const forget = () => void this.#unresolved.delete(result);
    result.then(forget, forget);
    return result;
  }

  async #inTurn<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    await this.#turns.take(signal);
    try {
      return await work();
    } finally {
      this.#turns.giveBack();
    }
  }

  async #deliver(
    { body, journey = randomUUID() }: PreparedMessage,
    target: ProducerTarget,
    { signal, lingerMs, isRejecting }: Delivery,
  ): Promise<string> {
    const agent = typeof target === 'string' ? target : await (await this.#capabilityTargets()).find(target, journey);
    const lane = this.#lane(agent);
    if (isRejecting) {
      await lane.ready();
      const { waitMs } = lane;
      if (waitMs > 0) throw this.#busy(`'${agent}' can handle no more now`, waitMs);
    }
    const messageId = await lane.send(body, lingerMs, signal);
    this.#metrics.sent(agent);
    return messageId;
  }

  /** Loaded at the first capability: ranges of versions take as much room as all else of a producer. */
  #capabilityTargets(): Promise<CapabilityTargets> {
    this.#capabilities ??= import('./capability-targets.ts').then(({ CapabilityTargets }) => new CapabilityTargets(this.#aws, this.#mesh));
    return this.#capabilities;
  }

  #lane(agent: string): Lane {
    const known = this.#lanes.get(agent);
    if (known !== undefined) return known;
    const lane = agentLane({ aws: this.#aws, mesh: this.#mesh, credentials: this.#credentials, agent }, this.#options);
    this.#lanes.set(agent, lane);
    for (const settled of this.#flushes) void lane.flushUntil(settled);
    return lane;
  }

  #busy(why: string, retryAfterMs: number): BackpressureError {
    return new BackpressureError(`the message was not sent: ${why}`, {
      retryAfterMs,
      load: this.load(),
      remedy: `Send it again in ${retryAfterMs} ms, or let it wait: mode 'wait', and a larger maxWaiting.`,
    });
  }
}
