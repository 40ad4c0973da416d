import * as z from 'zod/mini';
import { MESSAGING_SYSTEM, SPAN_ATTRIBUTES, SPAN_NAMES } from '../../../events/span-names.ts';
import type { Delivery } from '../delivery.ts';
import type { SpanStart } from '../ports.ts';
import { placeOf, traceparentOf } from '../traceparent.ts';
import { outgoingTraceparent, sendSpanId } from './outgoing-traceparent.ts';
import { queueNameOf } from './queue-name-of.ts';

interface Sent {
  readonly queueUrl: string;
  readonly body: string;
  /** In the outbox. `undefined` for the copy of a failed message. */
  readonly index?: number;
}

const bodySchema = z.object({ id: z.optional(z.string()), traceparent: z.optional(z.string()) });

/** Sends a message in a span of its own, where spans are exported. The message that the span sends for the first time names it as its parent. */
export function sendInSpan(delivery: Delivery, sent: Sent, send: () => Promise<void>): Promise<void> {
  const { spans } = delivery;
  if (spans === undefined) return send();
  return spans.run(SPAN_NAMES.send(queueNameOf(sent.queueUrl)), send, startOf(delivery, sent));
}

function startOf(delivery: Delivery, { queueUrl, body, index }: Sent): Partial<SpanStart> {
  const { id, traceparent } = readBody(body);
  // A message that was committed before names the span of the process that committed it.
  const isFirstSend = index !== undefined && placeIsOf(delivery, index, traceparent);
  return {
    kind: 'producer',
    ...(isFirstSend ? { spanId: sendSpanId(delivery.trace, index) } : { link: placeOf(traceparent) }),
    attributes: {
      [SPAN_ATTRIBUTES.system]: MESSAGING_SYSTEM,
      [SPAN_ATTRIBUTES.operationName]: 'send',
      [SPAN_ATTRIBUTES.operationType]: 'send',
      [SPAN_ATTRIBUTES.destination]: queueNameOf(queueUrl),
      ...(id !== undefined && { [SPAN_ATTRIBUTES.messageId]: id }),
      [SPAN_ATTRIBUTES.bodySize]: Buffer.byteLength(body),
    },
  };
}

function placeIsOf(delivery: Delivery, index: number, traceparent: string | undefined): boolean {
  const place = placeOf(traceparent);
  return place !== undefined && traceparentOf(place) === outgoingTraceparent(delivery, index);
}

/** The copy of a message that is not an envelope has neither. */
function readBody(body: string): z.output<typeof bodySchema> {
  try {
    return bodySchema.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}
