import type { Entropy, SpanPlace } from './ports.ts';
import type { Trace } from './trace.ts';

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Continues the sender's trace, or begins one, sampled at the given share, where there is none or it is not valid. */
export function continueTrace(traceparent: string | undefined, entropy: Entropy, sampling: number): Trace {
  const ids = entropy.uuid().replaceAll('-', '');
  const [, traceId, parentSpanId, flags] = FORM.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || flags === undefined) {
    const begun = entropy.uuid().replaceAll('-', '');
    return { traceId: begun, spanId: ids.slice(16), parentSpanId: undefined, sampled: entropy.fraction() < sampling };
  }
  return { traceId, spanId: ids.slice(16), parentSpanId, sampled: isSampled(flags) };
}

/** The place that a valid `traceparent` names. */
export function placeOf(traceparent: unknown): SpanPlace | undefined {
  const [, traceId, spanId, flags] = FORM.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: isSampled(flags) };
}

const isSampled = (flags: string): boolean => (Number.parseInt(flags, 16) & 1) === 1;

/** The `traceparent` of messages that are sent in this place: while a message is handled, or in a span of its own. */
export const traceparentOf = (trace: SpanPlace): string => `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
