import { isSampled, journeyKey, openKey } from '../../../events/ledger-index.ts';
import { expiry, type LedgerRecord, type Outcome, type RecordedError, revisionOf } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime, RuntimeSettings } from '../runtime.ts';
import { admit } from './admit.ts';

type RecordRuntime = Pick<Runtime, 'clock' | 'entropy' | 'settings'>;
type CommitRuntime = RecordRuntime & Pick<Runtime, 'io'>;

/** The fields that every record of a message has, with or without an outcome. */
export function recordOf(delivery: Delivery, { clock, entropy, settings }: RecordRuntime): LedgerRecord {
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
    ...sqsTimes(delivery),
    attempts,
    ...indexKeys(delivery, settings, attempts.length > 0),
    expiresAt: expiry(clock.now()),
  };
}

/** The fields of a record without an outcome, which the index of open records holds. */
export function openRecordOf(delivery: Delivery, runtime: RecordRuntime): LedgerRecord {
  const record = recordOf(delivery, runtime);
  return { ...record, open: openKey(record.agent, record.messageKey), since: runtime.clock.now() };
}

function sqsTimes({ sqsRecord: { attributes } }: Delivery): Pick<LedgerRecord, 'sentAt' | 'receivedAt'> {
  const [sentAt, receivedAt] = [Number(attributes.SentTimestamp), Number(attributes.ApproximateFirstReceiveTimestamp)];
  return { ...(sentAt > 0 && { sentAt }), ...(receivedAt > 0 && { receivedAt }) };
}

/** Of the indexes that find the record's journey. A message without an envelope has none. */
function indexKeys(delivery: Delivery, settings: RuntimeSettings, hasFailed: boolean): Pick<LedgerRecord, 'journey' | 'traceId'> {
  if (!delivery.isOpened) return {};
  const { envelope, messageKey } = delivery;
  const correlationId = envelope.correlationid ?? envelope.id;
  if (!hasFailed && !isSampled(correlationId, settings.journeySampling)) return {};
  const traceId = settings.traceIndex && delivery.isTraced ? { traceId: delivery.trace.traceId } : {};
  return { journey: journeyKey(correlationId, messageKey), ...traceId };
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
    ...(error && { error, ...indexKeys(delivery, runtime.settings, true) }),
    ...(outcome === 'processed' && { ...delivery.effects, ...handling(delivery) }),
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

function handling({ handledAt, usage }: Delivery): Pick<LedgerRecord, 'handledAt' | 'usage'> {
  return { ...(handledAt !== undefined && { handledAt }), ...(usage.length > 0 && { usage }) };
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
