import type { Delivery } from '../delivery.ts';
import type { Runtime } from '../runtime.ts';
import { continueTrace } from '../traceparent.ts';
import { processSpan, processSpanEnd } from './process-span.ts';

/** Ends the spans of a delivery, however it ended. Those of failed deliveries are exported, whatever the sampling. */
export const endSpans = ({ clock, entropy, settings, tracer }: Pick<Runtime, 'clock' | 'entropy' | 'settings' | 'tracer'>) =>
  function endSpans(delivery: Delivery): void {
    if (tracer === undefined) return;
    const end = processSpanEnd(delivery, clock.now());
    const isFailed = end.error !== undefined;
    if (delivery.isTraced) delivery.spans?.end(end, isFailed || delivery.trace.sampled);
    // An unparsable message names no trace: its span is a trace of its own.
    else if (isFailed)
      tracer.begin(continueTrace(undefined, entropy, 1), processSpan(delivery, settings.inboxUrl, delivery.startedAt))?.end(end, true);
  };
