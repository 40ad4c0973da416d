import { hash } from 'node:crypto';
import type { Delivery } from '../delivery.ts';
import type { Trace } from '../trace.ts';
import { traceparentOf } from '../traceparent.ts';

/**
 * The `traceparent` of a message that is sent while this one is handled: the span that will send it, where spans are exported; otherwise the
 * handling.
 *
 * @param index among the messages of this handling
 */
export const outgoingTraceparent = ({ trace, spans }: Pick<Delivery, 'trace' | 'spans'>, index: number): string =>
  traceparentOf(spans === undefined ? trace : { ...trace, spanId: sendSpanId(trace, index) });

/** The id of the span that sends a message: known when the message is made, which is before its span begins. */
export const sendSpanId = ({ spanId }: Pick<Trace, 'spanId'>, index: number): string =>
  hash('sha256', `${spanId} ${index}`, 'hex').slice(0, 16);
