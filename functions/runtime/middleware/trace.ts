import type { Runtime } from '../runtime.ts';
import { continueTrace } from '../traceparent.ts';
import type { Step } from './step.ts';

/** Continues the sender's trace, and gives every log line of this message its ids. Never fails. */
export const trace = ({ entropy, logger, settings }: Pick<Runtime, 'entropy' | 'logger' | 'settings'>): Step => ({
  before: function trace({ event: delivery }) {
    const { envelope } = delivery;
    const trace = continueTrace(envelope.traceparent, entropy, settings.journeySampling);
    delivery.trace = trace;
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
