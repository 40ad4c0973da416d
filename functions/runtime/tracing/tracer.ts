import type { Clock, Logger, SpanStart, Tracing } from '../ports.ts';
import type { Trace } from '../trace.ts';
import { DeliverySpans } from './delivery-spans.ts';

/** What the first invocation of a process waits for the port: its code is being loaded since the process began. */
const MAX_READY_MS = 1_000;

/** What an invocation waits for the export of its spans. */
export const MAX_FLUSH_MS = 1_000;

const WARNING_PAUSE_MS = 60_000;

/** The port of tracing as the runtime uses it: it never throws, is never waited for without bound, and no message depends on it. */
export class Tracer {
  readonly #tracing: Tracing;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'warn'>;
  #hasWaited = false;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(tracing: Tracing, { clock, logger }: { readonly clock: Clock; readonly logger: Pick<Logger, 'warn'> }) {
    this.#tracing = tracing;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Waits for the port, once a process. Messages that come before it is ready have no spans. */
  async ready(): Promise<void> {
    if (this.#hasWaited) return;
    this.#hasWaited = true;
    await this.#bounded(MAX_READY_MS, () => this.#tracing.ready());
  }

  /** Begins the span of a delivery. @returns `undefined` if it has none */
  begin(trace: Trace, start: SpanStart): DeliverySpans | undefined {
    const span = this.attempt(() => this.#tracing.begin(trace, start));
    return span && new DeliverySpans(span, this, this.#clock);
  }

  /**
   * Exports the spans of ended deliveries, after all outcomes: what is not exported within {@link MAX_FLUSH_MS} and half of the time that the
   * invocation has left is not waited for.
   *
   * @param endsAt epoch milliseconds at which the invocation ends
   */
  async flush(endsAt: number): Promise<void> {
    const timeoutMs = Math.min(MAX_FLUSH_MS, Math.floor((endsAt - this.#clock.now()) / 2));
    if (timeoutMs > 0) await this.#bounded(timeoutMs, () => this.#tracing.flush(timeoutMs));
  }

  /** Asks the port. @returns `undefined` if it throws */
  attempt<Answer>(ask: () => Answer): Answer | undefined {
    try {
      return ask();
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  async #bounded(timeoutMs: number, work: () => Promise<void>): Promise<void> {
    let cancel = () => {};
    const timeUp = new Promise<void>((resolve) => {
      cancel = this.#clock.after(timeoutMs, resolve);
    });
    const done = async () => work();
    await Promise.race([done().catch((error: unknown) => this.#warn(error)), timeUp]);
    cancel();
  }

  /** Once a minute: what fails for one message fails for all. */
  #warn(error: unknown): void {
    const now = this.#clock.now();
    if (now - this.#warnedAt < WARNING_PAUSE_MS) return;
    this.#warnedAt = now;
    this.#logger.warn('spans are lost; the messages are not affected', { error });
  }
}
