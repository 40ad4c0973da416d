import { type Context, createContextKey, SpanStatusCode } from '@opentelemetry/api';
import {
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  type Span as SdkSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { SpanSink } from './span-sink.ts';

/** Of one delivery. An agent that begins more spans than this has a loop in mind: the rest is not recorded. */
export const MAX_DELIVERY_SPANS = 200;

const DELIVERY = createContextKey('posthorn delivery');

/** The spans of one delivery. They are kept together until it is known whether they are exported. */
export class DeliveryRecord {
  readonly isSampled: boolean;
  readonly open = new Set<SdkSpan>();
  readonly ended: ReadableSpan[] = [];
  count = 0;
  /** `undefined` until the delivery has ended. */
  isKept: boolean | undefined;
  /** Set with its first span. */
  settle: (isKept: boolean) => void = () => undefined;

  constructor(isSampled: boolean) {
    this.isSampled = isSampled;
  }

  /** What the handler has left running when the delivery ends. */
  endOpen(endedAt: number): void {
    for (const span of this.open) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'not ended when its delivery ended' });
      span.end(endedAt);
    }
  }
}

export const inDelivery = (context: Context, record: DeliveryRecord): Context => context.setValue(DELIVERY, record);

export function deliveryOf(context: Context): DeliveryRecord | undefined {
  const record = context.getValue(DELIVERY);
  return record instanceof DeliveryRecord ? record : undefined;
}

/** All spans of deliveries are recorded, also those of journeys that are not sampled: only their end shows whether they failed. */
export class DeliveryRecords implements Sampler, SpanProcessor {
  readonly #sink: SpanSink<ReadableSpan>;
  readonly #records = new WeakMap<ReadableSpan, DeliveryRecord>();

  constructor(sink: SpanSink<ReadableSpan>) {
    this.#sink = sink;
  }

  shouldSample(context: Context): SamplingResult {
    const record = deliveryOf(context);
    if (record === undefined || record.isKept !== undefined) return { decision: SamplingDecision.NOT_RECORD };
    if (record.count >= MAX_DELIVERY_SPANS) {
      this.#sink.lose();
      return { decision: SamplingDecision.NOT_RECORD };
    }
    return { decision: record.isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD };
  }

  onStart(span: SdkSpan, context: Context): void {
    const record = deliveryOf(context);
    if (record === undefined) return;
    record.count++;
    record.open.add(span);
    record.settle = (isKept) => this.#settle(record, isKept);
    this.#records.set(span, record);
  }

  onEnd(span: ReadableSpan): void {
    const record = this.#records.get(span);
    if (record === undefined) return;
    for (const open of record.open) if (open === span) record.open.delete(open);
    if (record.isKept === undefined) record.ended.push(span);
  }

  #settle(record: DeliveryRecord, isKept: boolean): void {
    record.isKept = isKept;
    if (isKept) for (const span of record.ended) this.#sink.push(span);
    record.ended.length = 0;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  toString(): string {
    return 'PosthornDeliveries';
  }
}
