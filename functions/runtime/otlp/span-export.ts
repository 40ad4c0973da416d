import type { Clock } from '../ports.ts';
import type { SpanSink } from './span-sink.ts';

/** Spans that wait for their export. While a collector is down, the oldest are lost first. */
export const MAX_WAITING_SPANS = 2_048;

/** CloudWatch takes 10,000 spans and 5 MB in a request. */
const MAX_REQUEST_SPANS = 512;
const MAX_REQUEST_BYTES = 4_000_000;

/** After a failed export, the next one is tried that much later: twice as late each time. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** Sends a request of spans. @throws if they are not known to be taken */
export type PostSpans = (body: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<void>;

/** Exports spans in requests of bounded size. Spans of a request that fails are lost, and counted: the next invocation has its own. */
export class SpanExport<Recorded> implements SpanSink<Recorded> {
  readonly #serialize: (spans: Recorded[]) => Uint8Array<ArrayBuffer>;
  readonly #post: PostSpans;
  readonly #clock: Pick<Clock, 'now'>;
  #waiting: Recorded[] = [];
  #lost = 0;
  #reportedLost = 0;
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    serialize: (spans: Recorded[]) => Uint8Array<ArrayBuffer>,
    { post, clock }: { readonly post: PostSpans; readonly clock: Pick<Clock, 'now'> },
  ) {
    this.#serialize = serialize;
    this.#post = post;
    this.#clock = clock;
  }

  push(span: Recorded): void {
    this.#waiting.push(span);
    if (this.#waiting.length <= MAX_WAITING_SPANS) return;
    this.#waiting.shift();
    this.lose();
  }

  lose(count = 1): void {
    this.#lost += count;
  }

  /**
   * Exports what waits. While it pauses after a failure, it does nothing.
   *
   * @throws Error with the count of all spans that this process has lost, if it has lost more since the last one
   */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#clock.now() < this.#pausedUntil) return;
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.splice(0, MAX_REQUEST_SPANS);
      try {
        for (const body of this.#bodiesOf(spans)) await orAborted(this.#post(body, signal), signal);
      } catch (cause) {
        this.lose(spans.length);
        this.#pausedUntil = this.#clock.now() + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
        throw this.#lostError(cause);
      }
    }
    this.#failures = 0;
    if (this.#lost > this.#reportedLost) throw this.#lostError(new Error('an agent or an outage made more spans than are kept'));
  }

  /** Usually one. */
  #bodiesOf(spans: Recorded[]): readonly Uint8Array<ArrayBuffer>[] {
    const body = this.#serialize(spans);
    if (body.byteLength <= MAX_REQUEST_BYTES) return [body];
    if (spans.length === 1) {
      this.lose();
      return [];
    }
    const half = Math.ceil(spans.length / 2);
    return [...this.#bodiesOf(spans.slice(0, half)), ...this.#bodiesOf(spans.slice(half))];
  }

  #lostError(cause: unknown): Error {
    this.#reportedLost = this.#lost;
    return new Error(`${this.#lost} spans of this process are lost`, { cause });
  }
}

/** What does not heed the signal is left behind. */
function orAborted<Answer>(work: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
