import type { Entropy } from './ports.ts';

/** A message's place in its trace. @see https://www.w3.org/TR/trace-context-1/#traceparent-header */
export interface Trace {
  /** 32 hex digits, the same for the whole journey. */
  readonly traceId: string;
  /** 16 hex digits: the handling of this message. */
  readonly spanId: string;
  /** The sender's span. */
  readonly parentSpanId: string | undefined;
  /** The sampled flag: the sender records this trace. */
  readonly sampled: boolean;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Continues the sender's trace, or begins one, sampled at the given share, where there is none or it is not valid. */
export function continueTrace(traceparent: string | undefined, entropy: Entropy, sampling: number): Trace {
  const ids = entropy.uuid().replaceAll('-', '');
  const [, traceId, parentSpanId, flags] = FORM.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || flags === undefined) {
    const begun = entropy.uuid().replaceAll('-', '');
    return { traceId: begun, spanId: ids.slice(16), parentSpanId: undefined, sampled: entropy.fraction() < sampling };
  }
  return { traceId, spanId: ids.slice(16), parentSpanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The `traceparent` of messages that are sent while this one is handled. */
export const traceparentOf = (trace: Trace): string => `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
