import { type Span as ApiSpan, type Context, type ContextManager, SpanStatusCode, trace as traceApi } from '@opentelemetry/api';
import { SPAN_ATTRIBUTES } from '../../../events/span-names.ts';
import type { DeliverySpan, Span, SpanEnd, SpanStart } from '../ports.ts';
import { type DeliveryRecord, deliveryOf } from './delivery-record.ts';

const MAX_MESSAGE_CHARACTERS = 1_024;

interface Recorded {
  readonly span: ApiSpan;
  /** With the span in it. */
  readonly context: Context;
  readonly record: DeliveryRecord;
  readonly manager: ContextManager;
  readonly begin: (context: Context, start: SpanStart) => ApiSpan;
}

class RecordedSpan implements Span {
  protected readonly recorded: Recorded;

  constructor(recorded: Recorded) {
    this.recorded = recorded;
  }

  begin(start: SpanStart): Span | undefined {
    const { manager, record, context, begin } = this.recorded;
    const active = manager.active();
    const parent = deliveryOf(active) === record ? active : context;
    const span = begin(parent, start);
    return span.isRecording() ? new RecordedSpan({ ...this.recorded, span, context: traceApi.setSpan(parent, span) }) : undefined;
  }

  within(work: () => void): void {
    this.recorded.manager.with(this.recorded.context, work);
  }

  end({ endedAt, attributes, error }: SpanEnd): void {
    const { span } = this.recorded;
    if (attributes) span.setAttributes(attributes);
    if (error) {
      span.setAttribute(SPAN_ATTRIBUTES.errorType, error.type);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message.slice(0, MAX_MESSAGE_CHARACTERS) });
    }
    span.end(endedAt);
  }
}

/** The span of a delivery. With it, all of them are exported or none. */
export class RecordedDelivery extends RecordedSpan implements DeliverySpan {
  override end(end: SpanEnd, isKept = true): void {
    super.end(end);
    this.recorded.record.endOpen(end.endedAt);
    this.recorded.record.settle(isKept);
  }
}
