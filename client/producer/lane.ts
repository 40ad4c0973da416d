import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { InvalidEventError } from '../errors.ts';
import { type Delivered, MESSAGES_PER_REQUEST } from '../send/deliver.ts';
import type { Pacing } from './pacing.ts';

/** How a lane reaches its agent. */
export interface LanePorts {
  /** Finds the agent. @throws UnknownAgentError */
  open(): Promise<void>;
  /** Sends messages in one request. @param signal ends it when the lane is closed */
  deliver(bodies: readonly string[], signal: AbortSignal): Promise<readonly Delivered[]>;
  /** The size of a message with its attributes, as SQS counts it. */
  bytesOf(body: string): Promise<number>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once. @returns cancels it */
  after(delayMs: number, callback: () => void): () => void;
}

/** How a lane makes requests of messages. */
export interface LaneOptions {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** So many messages fill a request: those of a producer with less in flight would wait for others in vain. @default 10 */
  readonly fullAt?: number;
  /** @default as fast as SQS takes them */
  readonly pacing?: Pacing | undefined;
}

interface Waiting {
  readonly body: string;
  readonly bytes: number;
  readonly resolve: (messageId: string) => void;
  readonly reject: (error: unknown) => void;
}

/** The messages of a producer to one agent, in the order in which they came. */
export class Lane {
  readonly #ports: LanePorts;
  readonly #options: LaneOptions;
  readonly #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  #requests = 0;
  #flushes = 0;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(ports: LanePorts, options: LaneOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Messages each second that it may send; `undefined` where nothing holds it back. */
  get ratePerSecond(): number | undefined {
    return this.#options.pacing?.ratePerSecond;
  }

  /** Messages that wait for their request. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** As {@link Pacing.pressure}. */
  get pressure(): number {
    return this.#options.pacing?.pressure ?? 0;
  }

  /** Milliseconds until a message that comes now may be sent. */
  get waitMs(): number {
    return this.#options.pacing?.untilPassedMs(this.#waiting.length + 1) ?? 0;
  }

  /** Whether its messages wait for their pacing, and not only for a request to be full. */
  get isBraked(): boolean {
    return this.#waiting.length > 0 && this.waitMs > 0;
  }

  /** Has found the agent, and knows how fast its messages go. @throws UnknownAgentError, LoadUnreadableError */
  async ready(): Promise<void> {
    await this.#ports.open();
    await this.#options.pacing?.ready();
  }

  /**
   * Resolves when SQS has it, with the id that SQS gave it.
   *
   * @param lingerMs how long it waits for more messages at most, unless a request is full
   * @param refuse makes the error of a message that may not be sent at once. @default it waits
   * @throws InvalidEventError, NotSentError; the SDK's error; the signal's reason; what it was closed with
   */
  async send(body: string, lingerMs: number, signal: AbortSignal | undefined, refuse?: (waitMs: number) => Error): Promise<string> {
    await this.ready();
    // Nobody waits for it any more: its token is not asked for, with connections that may be closed.
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const bytes = await this.#ports.bytesOf(body);
    if (bytes > MAX_MESSAGE_BYTES)
      throw new InvalidEventError(`is ${bytes} bytes with its attributes, SQS takes ${MAX_MESSAGE_BYTES}: make it shorter`);
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
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

  /** Ends its timers, its requests, and the waiting of its messages. @param reason what they fail with */
  close(reason?: Error): void {
    this.#closing.abort(reason);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closing.signal.reason);
    this.#timer?.cancel();
    this.#options.pacing?.close();
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
    const cancel = this.#ports.after(delayMs, () => this.#sendAll());
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
    const { concurrency, pacing } = this.#options;
    if (this.#requests >= concurrency) return false;
    const fitting = this.#fitting();
    const taken = pacing?.take(fitting) ?? fitting;
    if (taken === 0) this.#sendWithin(pacing?.untilMs(fitting) ?? 0);
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
}
