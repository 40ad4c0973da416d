import { errorProperty, errorText } from '../failure/error-property.ts';
import type { Clock, DeliverySpan, Span, SpanEnd, SpanStart } from '../ports.ts';

/** Asks the port of tracing. @returns `undefined` if it throws */
export interface Attempt {
  attempt<Answer>(ask: () => Answer): Answer | undefined;
}

/** The spans of one delivery. Whatever the port does, work in a span runs once, and what comes of it is the work's own. */
export class DeliverySpans {
  readonly #root: DeliverySpan;
  readonly #tracer: Attempt;
  readonly #clock: Pick<Clock, 'now'>;
  #isOver = false;

  constructor(root: DeliverySpan, tracer: Attempt, clock: Pick<Clock, 'now'>) {
    this.#root = root;
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /**
   * Runs work in a span of its own, within the span whose work is running.
   *
   * @param start what the span has beside its name
   * @throws what `work` throws, and nothing else
   */
  async run<Result>(name: string, work: () => Result | Promise<Result>, start: Partial<SpanStart> = {}): Promise<Result> {
    const span = this.#begin({ kind: 'internal', startedAt: this.#clock.now(), ...start, name });
    if (span === undefined) return work();
    let running: Promise<Result> | undefined;
    const runOnce = (): Promise<Result> => {
      running ??= (async () => work())();
      return running;
    };
    this.#tracer.attempt(() => span.within(() => void runOnce()));
    try {
      const result = await runOnce();
      this.#end(span, undefined);
      return result;
    } catch (error) {
      this.#end(span, { type: typeOf(error), message: errorText(error, 'message') ?? '' });
      throw error;
    }
  }

  /** Ends all of them. Calls after the first have no effect. @param isKept whether they are exported */
  end(end: SpanEnd, isKept: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tracer.attempt(() => this.#root.end(end, isKept));
  }

  #begin(start: SpanStart): Span | undefined {
    return this.#isOver ? undefined : this.#tracer.attempt(() => this.#root.begin(start));
  }

  #end(span: Span, error: SpanEnd['error']): void {
    this.#tracer.attempt(() => span.end({ endedAt: this.#clock.now(), error }));
  }
}

/** The code of the mesh's errors, otherwise the name. */
function typeOf(error: unknown): string {
  const code = errorProperty(error, 'code');
  return typeof code === 'string' ? code : (errorText(error, 'name') ?? typeof error);
}
