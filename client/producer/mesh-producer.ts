import { randomUUID } from 'node:crypto';
import { type MeshName, meshName } from '../../events/names.ts';
import { AwsClients } from '../aws-clients.ts';
import { ContentBucket } from '../content-bucket.ts';
import { BackpressureError, ProducerClosedError, UnknownAgentError } from '../errors.ts';
import { Credentials } from '../send/credentials.ts';
import { orAborted } from '../send/or-aborted.ts';
import { type PreparedMessage, prepareEvent } from '../send/prepare-event.ts';
import { BULK_LINGER_MS, type SendResult, sendEach } from '../send/send-each.ts';
import type { SentEvent } from '../send/sent-event.ts';
import { agentLane } from './agent-lane.ts';
import type { CapabilityTargets, WantedCapability } from './capability-targets.ts';
import { checkItems, checkOptions, checkTarget } from './check-arguments.ts';
import type { Lane } from './lane.ts';
import { ProducerMetrics } from './producer-metrics.ts';
import type { EndOptions, ProduceManyOptions, ProduceOptions, ProducerOptions } from './producer-options.ts';
import type { TargetState } from './target-state.ts';
import { Turns } from './turns.ts';

/** A message's target: the id of an agent, or a capability, for which the producer finds an agent. */
export type ProducerTarget = string | WantedCapability;

const DEFAULTS = { maxInFlight: 100, maxWaiting: 10_000, lingerMs: 5 };

/** What goes to one agent. A stalled one holds up no other. */
interface Route {
  readonly lane: Lane;
  readonly turns: Turns;
}

const SEND_OPTIONS = ['source', 'type', 'tenant', 'signal'] as const;
const END_OPTIONS = ['signal'] as const;

/** For a message that finds all turns taken: some requests take so long. */
const RETRY_MS = 100;

/**
 * Sends to agents no faster than they, and those that they call, can handle it. {@link createProducer} makes it.
 *
 * @see docs/backpressure.md
 */
export class MeshProducer implements AsyncDisposable {
  /** Stores data that does not fit into a message. */
  readonly content: ContentBucket;
  readonly #options: ProducerOptions;
  readonly #mesh: MeshName;
  readonly #aws: AwsClients;
  readonly #credentials: Credentials;
  readonly #metrics: ProducerMetrics;
  readonly #routes = new Map<string, Route>();
  readonly #unresolved = new Set<Promise<unknown>>();
  readonly #flushes = new Set<Promise<unknown>>();
  #capabilities: Promise<CapabilityTargets> | undefined;
  #isClosed = false;
  /** Aborted when it has ended, with what the messages fail with that were not sent. */
  readonly #end = new AbortController();

  /** @internal */
  constructor(options: ProducerOptions) {
    const { prefix, stage, authentication, endpoint, region, credentials } = options;
    this.#options = options;
    this.#mesh = meshName({ ...(prefix !== undefined && { prefix }), ...(stage !== undefined && { stage }) });
    this.#aws = new AwsClients({ endpoint, region, credentials });
    this.content = new ContentBucket(this.#mesh, this.#aws);
    this.#credentials = new Credentials(this.#aws, this.#mesh, authentication);
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
  async send(target: ProducerTarget, given: unknown, options: ProduceOptions = {}): Promise<SentEvent> {
    checkTarget(target);
    checkOptions(options, SEND_OPTIONS);
    return this.#tracked(() => orAborted(this.#sendOne(target, given, options), options.signal));
  }

  /**
   * Finds an agent, and reads what it can handle, before the first message.
   *
   * @throws UnknownAgentError; LoadUnreadableError; ProducerClosedError; the SDK's errors
   */
  open(agent: string): Promise<void> {
    return this.#tracked(() => this.#through(agent, ({ lane }) => lane.ready()));
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
    checkTarget(target);
    checkItems(items);
    const { prepare, signal, ...rest } = options;
    checkOptions(rest, SEND_OPTIONS);
    // A target that does not exist is an error before the first item is taken.
    if (typeof target === 'string') await this.open(target);
    yield* sendEach(items, {
      prepare: prepare ?? ((item) => prepareEvent(item, this.content, rest)),
      send: (message, stopped) => this.#tracked(() => this.#sendInBulk(target, message, stopped)),
      concurrency: this.#maxInFlight,
      ended: () => void this.flush(),
      signal,
    });
  }

  /**
   * From 0 to 1: how much of what this producer may do is in use. It is the share of `maxInFlight`, or the expected wait divided by the goal,
   * whichever is more, at the agent where it is most.
   */
  load(): number {
    const loads = [...this.#routes.values()].map(({ lane, turns }) => Math.max(lane.pressure, turns.taken / this.#maxInFlight));
    return Math.min(1, Math.max(0, ...loads));
  }

  /** Messages that were given to it and are not sent yet, without those that wait for their turn. */
  inFlight(): number {
    return [...this.#routes.values()].reduce((sum, { turns }) => sum + turns.taken, 0);
  }

  /** What it knows of each agent that it has sent to. */
  targets(): readonly TargetState[] {
    return [...this.#routes].map(([agent, { lane }]) => {
      const { ratePerSecond, pressure, isBraked } = lane;
      return { agent, ratePerSecond, pressure, isBraked };
    });
  }

  /**
   * Resolves when every message that was given to it until now has been sent, or has failed. It does not wait for requests to be full.
   *
   * @throws the signal's reason: the messages go on
   */
  async flush(options: EndOptions = {}): Promise<void> {
    checkOptions(options, END_OPTIONS);
    await orAborted(this.#flush(), options.signal);
  }

  /**
   * Takes no more messages, sends those that it has, and closes its connections. `await using` does it.
   *
   * @throws the signal's reason: each message that was not sent fails with a {@link ProducerClosedError}. One whose request was under way
   *   may have been sent all the same
   * @example
   * ```ts
   * process.once('SIGTERM', () => producer.close({ signal: AbortSignal.timeout(5_000) }).catch(console.error));
   * ```
   */
  async close(options: EndOptions = {}): Promise<void> {
    checkOptions(options, END_OPTIONS);
    this.#isClosed = true;
    try {
      await this.flush(options);
    } finally {
      const cause: unknown = options.signal?.reason;
      this.#end.abort(new ProducerClosedError('the producer was closed before the message was sent', { cause }));
      for (const { lane } of this.#routes.values()) lane.close(this.#end.signal.reason);
      this.#metrics.end();
      this.#aws.destroy();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #flush(): Promise<void> {
    const settled = Promise.allSettled([...this.#unresolved]);
    this.#flushes.add(settled);
    await Promise.all([...this.#routes.values()].map(({ lane }) => lane.flushUntil(settled)));
    await settled;
    this.#flushes.delete(settled);
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
    const result = orAborted(work(), this.#end.signal);
    this.#unresolved.add(result);
    const forget = () => void this.#unresolved.delete(result);
    result.then(forget, forget);
    return result;
  }

  async #sendOne(target: ProducerTarget, given: unknown, { signal, ...rest }: ProduceOptions): Promise<SentEvent> {
    const { mode = 'wait', maxWaiting = DEFAULTS.maxWaiting, lingerMs = DEFAULTS.lingerMs } = this.#options;
    const message = typeof target === 'string' ? undefined : await prepareEvent(given, this.content, rest);
    const agent = await this.#agentFor(target, message);
    return this.#through(agent, async ({ lane, turns }) => {
      const isBusy = turns.taken >= this.#maxInFlight;
      if (isBusy && (mode === 'reject' || turns.waiting >= maxWaiting)) throw this.#busy(`all turns for '${agent}' are taken`, RETRY_MS);
      return this.#inTurn(turns, signal, async () => {
        const { body, event } = message ?? (await prepareEvent(given, this.content, rest));
        if (event === undefined) throw new TypeError('a prepared event has an identity');
        const refuse = mode === 'reject' ? (waitMs: number) => this.#busy(`'${agent}' can handle no more now`, waitMs) : undefined;
        const messageId = await lane.send(body, lingerMs, signal, refuse);
        this.#metrics.sent(agent);
        return { ...event, messageId };
      });
    });
  }

  async #sendInBulk(target: ProducerTarget, message: PreparedMessage, signal: AbortSignal): Promise<string> {
    const agent = await this.#agentFor(target, message);
    return this.#through(agent, ({ lane, turns }) =>
      this.#inTurn(turns, signal, async () => {
        const messageId = await lane.send(message.body, BULK_LINGER_MS, signal);
        this.#metrics.sent(agent);
        return messageId;
      }),
    );
  }

  async #agentFor(target: ProducerTarget, message: PreparedMessage | undefined): Promise<string> {
    if (typeof target === 'string') return target;
    return (await this.#capabilityTargets()).find(target, message?.journey ?? randomUUID());
  }

  /** An agent that is not there leaves nothing behind. */
  async #through<Result>(agent: string, work: (route: Route) => Promise<Result>): Promise<Result> {
    const route = this.#route(agent);
    try {
      return await work(route);
    } catch (error) {
      if (error instanceof UnknownAgentError) this.#routes.delete(agent);
      throw error;
    }
  }

  async #inTurn<Result>(turns: Turns, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    await turns.take(signal);
    try {
      this.#end.signal.throwIfAborted();
      return await work();
    } finally {
      turns.giveBack();
    }
  }

  /** Loaded at the first capability: ranges of versions take as much room as all else of a producer. */
  #capabilityTargets(): Promise<CapabilityTargets> {
    this.#capabilities ??= import('./capability-targets.ts').then(({ CapabilityTargets }) => new CapabilityTargets(this.#aws, this.#mesh));
    return this.#capabilities;
  }

  #route(agent: string): Route {
    const known = this.#routes.get(agent);
    if (known !== undefined) return known;
    const lane = agentLane({ aws: this.#aws, mesh: this.#mesh, credentials: this.#credentials, agent }, this.#options);
    const route = { lane, turns: new Turns(this.#maxInFlight) };
    this.#routes.set(agent, route);
    for (const settled of this.#flushes) void lane.flushUntil(settled);
    return route;
  }

  #busy(why: string, retryAfterMs: number): BackpressureError {
    return new BackpressureError(`the message was not sent: ${why}`, {
      retryAfterMs,
      load: this.load(),
      remedy: `Send it again in ${retryAfterMs} ms, or let it wait: mode 'wait', and a larger maxWaiting.`,
    });
  }
}
