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
