import { AUDIT_MESSAGE, type AuditFields } from '../../../events/audit-line.ts';
import type { Delivery } from '../delivery.ts';
import type { Runtime } from '../runtime.ts';

/** Writes the audit line of a delivery, always. */
export const audit = ({ clock, logger }: Pick<Runtime, 'clock' | 'logger'>) =>
  function audit(delivery: Delivery): void {
    const { report, sqsRecord } = delivery;
    const fields: AuditFields = {
      ...idsOf(delivery),
      outcome: report.outcome,
      generation: delivery.generation,
      failedAttempts: delivery.attempts.length,
      receiveCount: delivery.receiveCount,
      durationMs: clock.now() - delivery.startedAt,
      senderId: sqsRecord.attributes.SenderId,
      ...(report.delaySeconds !== undefined && { delaySeconds: report.delaySeconds }),
      ...(report.error && { code: report.error.code, reason: report.error.reason, kind: report.error.kind }),
      ...(report.outcome === 'retry' && !report.error && { error: report.cause }),
    };
    addDecision(fields, delivery);
    if (report.outcome === 'dead-lettered') logger.error(AUDIT_MESSAGE, fields);
    else if (report.outcome === 'rejected' || report.outcome === 'retry') logger.warn(AUDIT_MESSAGE, fields);
    else logger.info(AUDIT_MESSAGE, fields);
  };

/** One by one, because a spread of a further object makes the line allocate a tenth more. */
function addDecision(fields: AuditFields, { decision, principal }: Delivery): void {
  if (decision === undefined) {
    if (principal !== undefined) fields.principal = principal.name;
    return;
  }
  fields.principal = decision.principal;
  fields.action = decision.action;
  fields.rule = decision.rule;
  if (decision.onBehalfOf !== undefined) fields.onBehalfOf = decision.onBehalfOf;
  if (decision.redrivenBy !== undefined) fields.redrivenBy = decision.redrivenBy;
}

function idsOf(delivery: Delivery): Partial<AuditFields> {
  if (!delivery.isOpened) return { sqsMessageId: delivery.sqsRecord.messageId };
  const { envelope } = delivery;
  return {
    messageId: envelope.id,
    source: envelope.source,
    type: envelope.type,
    correlationId: envelope.correlationid ?? envelope.id,
    ...(delivery.isTraced && { traceId: delivery.trace.traceId, spanId: delivery.trace.spanId }),
  };
}
