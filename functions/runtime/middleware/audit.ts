import type { Passage } from '../passage.ts';
import type { Runtime } from '../runtime.ts';

/** One line a message, always: who asked what of whom, what was decided, how it ended. It never says what the data was. */
export const audit = ({ clock, logger }: Pick<Runtime, 'clock' | 'logger'>) =>
  function audit(passage: Passage): void {
    const { verdict, record } = passage;
    const fields = {
      ...idsOf(passage),
      outcome: verdict.outcome,
      generation: passage.generation,
      failedAttempts: passage.attempts.length,
      receiveCount: passage.receiveCount,
      durationMs: clock.now() - passage.startedAt,
      senderId: record.attributes.SenderId,
      ...(verdict.delaySeconds !== undefined && { delaySeconds: verdict.delaySeconds }),
      ...(verdict.error && { code: verdict.error.code, reason: verdict.error.reason, kind: verdict.error.kind }),
      ...(verdict.outcome === 'retry' && !verdict.error && { error: verdict.cause }),
    };
    if (verdict.outcome === 'dead-lettered') logger.error('message', fields);
    else if (verdict.outcome === 'rejected' || verdict.outcome === 'retry') logger.warn('message', fields);
    else logger.info('message', fields);
  };

function idsOf(passage: Passage) {
  if (!passage.isOpened) return { sqsMessageId: passage.record.messageId };
  const { envelope } = passage;
  return {
    messageId: envelope.id,
    source: envelope.source,
    type: envelope.type,
    correlationId: envelope.correlationid ?? envelope.id,
    ...(passage.isTraced && { traceId: passage.trace.traceId, spanId: passage.trace.spanId }),
  };
}
