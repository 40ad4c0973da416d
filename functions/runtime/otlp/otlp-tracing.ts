import type { Clock, DeliverySpan, SpanAttributes, SpanStart, Tracing } from '../ports.ts';
import type { Trace } from '../trace.ts';
import type { PostSpans } from './span-export.ts';

interface OtlpTracingOptions {
  /** What all spans of the process have in common. */
  readonly resource: SpanAttributes;
  readonly post: PostSpans;
  readonly clock: Pick<Clock, 'now'>;
}

type Loaded = Pick<Tracing, 'flush'> & { readonly begin: (trace: Trace, start: SpanStart) => DeliverySpan };

/** Exports spans as OTLP. OpenTelemetry is loaded when it is constructed: a process without an endpoint never loads it. */
export class OtlpTracing implements Tracing {
  readonly #loading: Promise<Loaded>;
  #loaded: Loaded | undefined;

  constructor(options: OtlpTracingOptions) {
    this.#loading = load(options);
    this.#loading.then(
      (loaded) => {
        this.#loaded = loaded;
      },
      // `ready` rejects with it.
      () => undefined,
    );
  }

  async ready(): Promise<void> {
    await this.#loading;
  }

  begin(trace: Trace, start: SpanStart): DeliverySpan | undefined {
    return this.#loaded?.begin(trace, start);
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#loaded?.flush(timeoutMs);
  }
}

async function load({ resource, post, clock }: OtlpTracingOptions): Promise<Loaded> {
  const [{ SpanRecorder, serializeSpans }, { SpanExport }] = await Promise.all([import('./span-recorder.ts'), import('./span-export.ts')]);
  const spans = new SpanExport(serializeSpans, { post, clock });
  const recorder = new SpanRecorder(resource, spans);
  return { begin: (trace, start) => recorder.begin(trace, start), flush: (timeoutMs) => spans.flush(timeoutMs) };
}
