import {
  type Tracer as ApiTracer,
  type Context,
  context as contextApi,
  ROOT_CONTEXT,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  trace as traceApi,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type IdGenerator, RandomIdGenerator, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import type { DeliverySpan, SpanAttributes, SpanPlace, SpanStart } from '../ports.ts';
import type { Trace } from '../trace.ts';
import { DeliveryRecord, DeliveryRecords, inDelivery } from './delivery-record.ts';
import { RecordedDelivery } from './recorded-span.ts';
import type { SpanSink } from './span-sink.ts';

/** What is longer is cut: libraries put whole prompts into attributes. */
const SPAN_LIMITS = { attributeValueLengthLimit: 1_024, attributeCountLimit: 64, eventCountLimit: 16, linkCountLimit: 8 };

const MAX_NAME_CHARACTERS = 256;

const KINDS = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, internal: SpanKind.INTERNAL } as const;

/**
 * Records spans with OpenTelemetry's SDK. It registers itself as the process's tracer provider, so that libraries that know OpenTelemetry
 * add their spans to the delivery in which they work; what they do outside of deliveries is not recorded.
 */
export class SpanRecorder {
  readonly #ids = new ChosenIds();
  readonly #manager = new AsyncLocalStorageContextManager().enable();
  readonly #tracer: ApiTracer;

  constructor(resource: SpanAttributes, sink: SpanSink<ReadableSpan>) {
    const records = new DeliveryRecords(sink);
    const provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      sampler: records,
      spanProcessors: [records],
      spanLimits: SPAN_LIMITS,
      idGenerator: this.#ids,
    });
    this.#tracer = provider.getTracer('posthorn');
    // A provider that the agent's own code has registered stays.
    contextApi.setGlobalContextManager(this.#manager);
    traceApi.setGlobalTracerProvider(provider);
  }

  begin(trace: Trace, start: SpanStart): DeliverySpan {
    const record = new DeliveryRecord(trace.sampled);
    const parent = trace.parentSpanId === undefined ? undefined : { ...trace, spanId: trace.parentSpanId };
    const context = inDelivery(parent ? traceApi.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT, record);
    const begin = (in_: Context, child: SpanStart) => this.#start(in_, child);
    const span = this.#ids.choose(trace.traceId, trace.spanId, () => this.#tracer.startSpan(nameOf(start), optionsOf(start), context));
    return new RecordedDelivery({ span, context: traceApi.setSpan(context, span), record, manager: this.#manager, begin });
  }

  #start(context: Context, start: SpanStart) {
    return this.#ids.choose(undefined, start.spanId, () => this.#tracer.startSpan(nameOf(start), optionsOf(start), context));
  }
}

/** The body of an OTLP request in JSON. */
export const serializeSpans = (spans: ReadableSpan[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(JsonTraceSerializer.serializeRequest(spans) ?? []);

const nameOf = ({ name }: SpanStart): string => name.slice(0, MAX_NAME_CHARACTERS);

const optionsOf = ({ kind, startedAt, attributes, link }: SpanStart): SpanOptions => ({
  kind: KINDS[kind],
  startTime: startedAt,
  ...(attributes && { attributes }),
  ...(link && { links: [{ context: remote(link) }] }),
});

const remote = ({ traceId, spanId, sampled }: SpanPlace) => ({
  traceId,
  spanId,
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote: true,
});

/** Random ids, except where the mesh has chosen them before: in the envelope, in the log, in the ledger. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #traceId: string | undefined;
  #spanId: string | undefined;

  choose<Begun>(traceId: string | undefined, spanId: string | undefined, begin: () => Begun): Begun {
    this.#traceId = traceId;
    this.#spanId = spanId;
    try {
      return begin();
    } finally {
      this.#traceId = undefined;
      this.#spanId = undefined;
    }
  }

  generateTraceId(): string {
    return this.#traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#spanId ?? this.#random.generateSpanId();
  }
}
