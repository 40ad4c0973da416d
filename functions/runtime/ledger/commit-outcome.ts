import { expiry, type LedgerRecord, type Outcome, type RecordedError, revisionOf } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime } from '../runtime.ts';
import { admit } from './admit.ts';

type CommitRuntime = Pick<Runtime, 'clock' | 'entropy' | 'io'>;

/** The fields that every record of a message has, with or without an outcome. */
export function recordOf(delivery: Delivery, { clock, entropy }: Pick<Runtime, 'clock' | 'entropy'>): LedgerRecord {
  const { ledgerRecord, digest, generation, attempts } = delivery;
  const sameGeneration = ledgerRecord?.generation === generation;
  return {
    messageKey: delivery.messageKey,
    revision: revisionOf(delivery.sqsRecord.messageId, entropy.uuid()),
    agent: delivery.agent.id,
    generation,
    digest,
    sender: delivery.senderId,
    ...(delivery.decision && { access: delivery.decision }),
    startedAt: sameGeneration ? ledgerRecord.startedAt : delivery.startedAt,
    attempts,
    ...(delivery.isTraced && (delivery.trace.sampled || attempts.length > 0) && { traceId: delivery.trace.traceId }),
    expiresAt: expiry(clock.now()),
  };
}

/**
 * Commits the one outcome of a message. Of two commits of the same message the first wins, and the other reports that it
 * was a duplicate.
 *
 * @returns the current record: this commit's, or the one that was there before
 * @throws Interrupted when the current record is not known, or another process is handling the message
 */
export async function commitOutcome(
  delivery: Delivery,
  outcome: Outcome,
  error: RecordedError | undefined,
  runtime: CommitRuntime,
): Promise<LedgerRecord> {
  const record: LedgerRecord = {
    ...recordOf(delivery, runtime),
    outcome,
    endedAt: runtime.clock.now(),
    ...(error && { error, ...(delivery.isTraced && { traceId: delivery.trace.traceId }) }),
    ...(outcome === 'processed' && delivery.effects),
  };
  const current = await writeRecord(delivery, record, runtime);
  if (current.revision === record.revision) {
    delivery.report = { outcome, ...(error && { error }) };
    delivery.reported();
    return record;
  }
  const admission = admit(current, delivery, runtime.clock.now());
  if (admission === 'finished') {
    delivery.report = { outcome: 'duplicate' };
    return current;
  }
  throw new Interrupted(`another process changed the record of ${delivery.messageKey} (${admission})`);
}

/**
 * Writes a record over the revision that the delivery has read.
 *
 * @returns the current record: the given one unless another process wrote before
 * @throws Interrupted when the current record is not known
 */
export async function writeRecord(delivery: Delivery, record: LedgerRecord, { io }: Pick<Runtime, 'io'>): Promise<LedgerRecord> {
  try {
    if ((await io.writeRecord({ record, expectedRevision: delivery.ledgerRecord?.revision })) === 'written') return record;
    // A conflict may be with this very write: it was applied, its answer was lost, and the SDK asked again.
    const current = await io.readRecord(record.messageKey);
    if (current !== undefined) return current;
  } catch (cause) {
    throw new Interrupted(`the ledger did not take the record of ${record.messageKey}`, { cause });
  }
  throw new Interrupted(`the record of ${record.messageKey} was removed meanwhile`);
}
