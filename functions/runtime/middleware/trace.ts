import type { Runtime } from '../runtime.ts';
import { continueTrace } from '../traceparent.ts';
import { processSpan } from '../tracing/process-span.ts';
import type { Step } from './step.ts';

type TraceRuntime = Pick<Runtime, 'clock' | 'entropy' | 'logger' | 'settings' | 'tracer'>;

/** Continues the sender's trace, gives every log line of this message its ids, and begins its span where spans are exported. Never fails. */
export const trace = ({ clock, entropy, logger, settings, tracer }: TraceRuntime): Step => ({
  before: function trace({ event: delivery }) {
    const { envelope } = delivery;
    const trace = continueTrace(envelope.traceparent, entropy, settings.traceSampling);
    delivery.trace = trace;
    if (tracer !== undefined) delivery.spans = tracer.begin(trace, processSpan(delivery, settings.inboxUrl, clock.now()));
    delivery.logWith(() =>
      logger.child({
        traceId: trace.traceId,
        spanId: trace.spanId,
        parentSpanId: trace.parentSpanId,
        messageId: envelope.id,
        source: envelope.source,
        correlationId: envelope.correlationid ?? envelope.id,
      }),
    );
  },
});
