import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import type { LoadReading } from '../../events/load-reading.ts';
import { InvalidEventError } from '../errors.ts';
import { type Delivered, MESSAGES_PER_REQUEST } from '../send/deliver.ts';
import { burstOf, expectedPressure, FIRST_PACE, nextPace, type Pace, withoutReading } from './governor.ts';
import { SentLog } from './sent-log.ts';
import { TokenBucket } from './token-bucket.ts';

/** Between readings of an agent that the probe has not seen. */
const FIRST_INTERVAL_SECONDS = 5;

/** What is written by hand makes no hot loop, and no timer without end. */
const MIN_INTERVAL_SECONDS = 1;
const MAX_INTERVAL_SECONDS = 3_600;

/** How a lane reaches its agent, and what it knows of it. */
export interface LanePorts {
  /** Finds the agent. @throws UnknownAgentError */
  open(): Promise<void>;
  /** Sends messages in one request. @param signal ends it when the lane is closed */
  deliver(bodies: readonly string[], signal: AbortSignal): Promise<readonly Delivered[]>;
  /** The size of a message with its attributes, as SQS counts it. */
  bytesOf(body: string): Promise<number>;
  /** What the mesh publishes about the agent; `undefined` where it publishes nothing yet. A lane without it has no governor. */
  readonly read?: (() => Promise<LoadReading | undefined>) | undefined;
  /** A reading failed: the lane goes on with the last one. */
  readonly readFailed: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once. @param keepsAlive whether the process waits for it. @returns cancels it */
  after(delayMs: number, callback: () => void, keepsAlive: boolean): () => void;
}

/** How a lane makes requests of messages. */
export interface LaneOptions {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** So many messages fill a request: those of a producer with less in flight would wait for others in vain. @default 10 */
  readonly fullAt?: number;
  /** Messages each second, where no governor decides. @default as fast as SQS takes them */
  readonly ratePerSecond?: number;
}

interface Waiting {
  readonly body: string;
  readonly bytes: number;
  readonly resolve: (messageId: string) => void;
  readonly reject: (error: unknown) => void;
}

/** The messages of a producer to one agent, in the order in which they came, at the pace of its governor. */
export class Lane {
  readonly #ports: LanePorts;
  readonly #options: LaneOptions;
  readonly #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  #bucket: TokenBucket | undefined;
  #pace: Pace = FIRST_PACE;
  readonly #sent = new SentLog();
  #sentInAll = 0;
  #requests = 0;
  #flushes = 0;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #cancelRead: (() => void) | undefined;
  #firstReading: Promise<void> | undefined;

  constructor(ports: LanePorts, options: LaneOptions) {
    this.#ports = ports;
    this.#options = options;
    const { ratePerSecond } = options;
    if (ratePerSecond !== undefined)
      this.#bucket = new TokenBucket(ratePerSecond, ports.now(), Math.max(1, Math.min(ratePerSecond, MESSAGES_PER_REQUEST)));
  }

  /** Messages each second that it may send; `undefined` where nothing holds it back. */
  get ratePerSecond(): number | undefined {
    return this.#options.ratePerSecond ?? (this.#bucket && this.#pace.ratePerSecond);
  }

  /** Messages that wait for their request. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The expected wait of a message sent now, divided by the agent's goal; that of the slowest agent further down if it is more. */
  get pressure(): number {
    return expectedPressure(this.#pace, this.#sentSinceReading(), this.#ports.now());
  }

  /** Milliseconds until a message that comes now may be sent. */
  get waitMs(): number {
    return this.#bucket?.untilPassedMs(this.#waiting.length + 1, this.#ports.now()) ?? 0;
  }

  /** Whether its messages wait for the governor, and not only for a request to be full. */
  get isBraked(): boolean {
    return this.#waiting.length > 0 && this.waitMs > 0;
  }

  /** Has found the agent, and knows how it does. @throws what the ports throw */
  async ready(): Promise<void> {
    await this.#ports.open();
    if (this.#ports.read === undefined) return;
    this.#firstReading ??= this.#readFirst(this.#ports.read);
    await this.#firstReading;
  }

  /**
   * Resolves when SQS has it, with the id that SQS gave it.
   *
   * @param lingerMs how long it waits for more messages at most, unless a request is full
   * @param refuse makes the error of a message that may not be sent at once. @default it waits
   * @throws InvalidEventError, NotSentError; the SDK's error; the signal's reason
   */
  async send(body: string, lingerMs: number, signal: AbortSignal | undefined, refuse?: (waitMs: number) => Error): Promise<string> {
    await this.ready();
    const bytes = await this.#ports.bytesOf(body);
    if (bytes > MAX_MESSAGE_BYTES)
      throw new InvalidEventError(`is ${bytes} bytes with its attributes, SQS takes ${MAX_MESSAGE_BYTES}: make it shorter`);
    signal?.throwIfAborted();
    const { waitMs } = this;
    if (refuse !== undefined && waitMs > 0) throw refuse(waitMs);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiting: Waiting = { body, bytes, resolve, reject };
    const abort = () => {
      const place = this.#waiting.indexOf(waiting);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.push(waiting);
    this.#arrived(lingerMs);
    try {
      return await promise;
    } finally {
      // A signal may be that of the whole process.
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Sends without waiting for requests to be full, until a promise is settled. */
  async flushUntil(done: Promise<unknown>): Promise<void> {
    this.#flushes++;
    this.#sendAll();
    await done;
    this.#flushes--;
  }

  /** Ends its timers, and the requests for whose messages nobody waits any more. */
  close(): void {
    this.#closing.abort();
    this.#timer?.cancel();
    this.#cancelRead?.();
  }

  #arrived(lingerMs: number): void {
    this.#sendFull();
    if (this.#waiting.length > 0) this.#sendWithin(this.#flushes > 0 ? 0 : lingerMs);
  }

  /** The one that may wait least decides. */
  #sendWithin(delayMs: number): void {
    const at = this.#ports.now() + delayMs;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const cancel = this.#ports.after(delayMs, () => this.#sendAll(), true);
    this.#timer = { at, cancel };
  }

  #sendAll(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#waiting.length > 0) if (!this.#sendNext()) return;
  }

  /** The others have time to become a full request. */
  #sendFull(): void {
    while (this.#isFull()) if (!this.#sendNext()) return;
  }

  /** @returns whether there was room for a request */
  #sendNext(): boolean {
    if (this.#requests >= this.#options.concurrency) return false;
    const fitting = this.#fitting();
    const taken = this.#bucket?.take(fitting, this.#ports.now()) ?? fitting;
    if (taken === 0) this.#sendWithin(this.#bucket?.untilMs(fitting, this.#ports.now()) ?? 0);
    else this.#request(this.#waiting.splice(0, taken));
    return taken > 0;
  }

  /** Whether those that wait fill a request. */
  #isFull(): boolean {
    const { fullAt = MESSAGES_PER_REQUEST } = this.#options;
    return this.#waiting.length >= fullAt || this.#fitting() < this.#waiting.length;
  }

  /** How many of those that wait go into a request. */
  #fitting(): number {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting.slice(0, MESSAGES_PER_REQUEST)) {
      bytes += waiting.bytes;
      if (count > 0 && bytes > MAX_MESSAGE_BYTES) break;
      count++;
    }
    return count;
  }

  #request(batch: readonly Waiting[]): void {
    this.#requests++;
    this.#sent.add(batch.length, this.#ports.now());
    this.#sentInAll += batch.length;
    this.#ports
      .deliver(
        batch.map(({ body }) => body),
        this.#closing.signal,
      )
      .then(
        (delivered) => {
          for (const [index, { resolve, reject }] of batch.entries()) {
            const result = delivered[index];
            if (result === undefined) reject(new TypeError('a delivery has a result for each body'));
            else if ('error' in result) reject(result.error);
            else resolve(result.messageId);
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        this.#requests--;
        if (this.#timer === undefined) this.#sendAll();
        else this.#sendFull();
      });
  }

  async #readFirst(read: Read): Promise<void> {
    const known = this.#pace.reading;
    try {
      this.#follow(await read(), read);
    } catch (error) {
      // Nobody has ever known anything of the agent; later, the last reading goes on.
      if (known === undefined) {
        this.#firstReading = undefined;
        throw error;
      }
      this.#readFailed(error, read);
    }
  }

  async #readAgain(read: Read): Promise<void> {
    try {
      this.#follow(await read(), read);
    } catch (error) {
      this.#readFailed(error, read);
    }
  }

  #readFailed(error: unknown, read: Read): void {
    this.#follow(undefined, read);
    this.#ports.readFailed(error);
  }

  #follow(reading: LoadReading | undefined, read: Read): void {
    const now = this.#ports.now();
    if (reading !== undefined && reading.at > (this.#pace.reading?.at ?? 0)) this.#pace = nextPace(this.#pace, reading);
    else this.#pace = withoutReading(this.#pace, this.#sentSinceReading(), now);
    const { ratePerSecond } = this.#pace;
    const burst = burstOf(this.#pace);
    this.#bucket ??= new TokenBucket(ratePerSecond, now, burst);
    this.#bucket.setRate(ratePerSecond, now, burst);
    const seconds = clamp(this.#pace.reading?.intervalSeconds ?? FIRST_INTERVAL_SECONDS, MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS);
    const sentBefore = this.#sentInAll;
    this.#cancelRead = this.#ports.after(
      seconds * 1_000,
      () => {
        const isIdle = this.#sentInAll === sentBefore && this.#waiting.length === 0;
        // The next message asks again.
        if (isIdle) this.#firstReading = undefined;
        else void this.#readAgain(read);
      },
      false,
    );
  }

  #sentSinceReading(): number {
    return this.#sent.since(this.#pace.reading?.at ?? 0);
  }
}

type Read = NonNullable<LanePorts['read']>;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
