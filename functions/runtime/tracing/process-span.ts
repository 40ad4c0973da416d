import { MESSAGING_SYSTEM, SPAN_ATTRIBUTES, SPAN_NAMES } from '../../../events/span-names.ts';
import type { Delivery } from '../delivery.ts';
import type { SpanAttributes, SpanEnd, SpanStart } from '../ports.ts';
import { placeOf } from '../traceparent.ts';
import { queueNameOf } from './queue-name-of.ts';

/** The span of a delivery. It is linked to the sender's, which is also its parent: a journey is one trace. */
export function processSpan(delivery: Delivery, inboxUrl: string, nowMs: number): SpanStart {
  return {
    name: SPAN_NAMES.process(queueNameOf(inboxUrl)),
    kind: 'consumer',
    startedAt: nowMs,
    link: delivery.isOpened ? placeOf(delivery.envelope.traceparent) : undefined,
    attributes: attributesOf(delivery, queueNameOf(inboxUrl)),
  };
}

function attributesOf(delivery: Delivery, queueName: string): SpanAttributes {
  const { agent, sqsRecord, receiveCount, generation } = delivery;
  return {
    [SPAN_ATTRIBUTES.system]: MESSAGING_SYSTEM,
    [SPAN_ATTRIBUTES.operationName]: 'process',
    [SPAN_ATTRIBUTES.operationType]: 'process',
    [SPAN_ATTRIBUTES.destination]: queueName,
    [SPAN_ATTRIBUTES.bodySize]: Buffer.byteLength(sqsRecord.body),
    [SPAN_ATTRIBUTES.sqsMessageId]: sqsRecord.messageId,
    [SPAN_ATTRIBUTES.agentId]: agent.id,
    [SPAN_ATTRIBUTES.agentName]: agent.id,
    [SPAN_ATTRIBUTES.agentVersion]: agent.version,
    [SPAN_ATTRIBUTES.receiveCount]: receiveCount,
    [SPAN_ATTRIBUTES.generation]: generation,
    ...(delivery.isOpened && {
      [SPAN_ATTRIBUTES.messageId]: delivery.envelope.id,
      [SPAN_ATTRIBUTES.conversationId]: delivery.envelope.correlationid ?? delivery.envelope.id,
      [SPAN_ATTRIBUTES.eventSource]: delivery.envelope.source,
      [SPAN_ATTRIBUTES.eventType]: delivery.envelope.type,
    }),
  };
}

/** The end of a delivery's span. */
export function processSpanEnd({ report, attempts }: Delivery, nowMs: number): SpanEnd {
  return {
    endedAt: nowMs,
    attributes: { [SPAN_ATTRIBUTES.outcome]: report.outcome, [SPAN_ATTRIBUTES.failedAttempts]: attempts.length },
    error: report.outcome === 'processed' || report.outcome === 'duplicate' ? undefined : failureOf(report),
  };
}

function failureOf({ error, cause }: Delivery['report']): NonNullable<SpanEnd['error']> {
  if (error !== undefined) return { type: error.code, message: error.reason };
  return { type: 'Interrupted', message: cause instanceof Error ? cause.message : 'not finished at the end of the invocation' };
}
