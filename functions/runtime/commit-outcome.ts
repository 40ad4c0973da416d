import { admit } from './admit.ts';
import { Interrupted } from './interrupted.ts';
import { expiry, type LedgerRecord, type Outcome, type RecordedError } from './ledger-record.ts';
import type { Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

type CommitRuntime = Pick<Runtime, 'clock' | 'entropy' | 'io'>;

/** What a message's record holds whatever has become of it. */
export function recordOf(passage: Passage, { clock, entropy }: Pick<Runtime, 'clock' | 'entropy'>): LedgerRecord {
  const { seen, digest, generation, attempts } = passage;
  const sameGeneration = seen?.generation === generation;
  return {
    messageKey: passage.messageKey,
    revision: entropy.uuid(),
    agent: passage.agent.id,
    generation,
    digest,
    sender: passage.record.attributes.SenderId,
    startedAt: sameGeneration ? seen.startedAt : passage.startedAt,
    attempts,
    ...(passage.isTraced && (passage.trace.sampled || attempts.length > 0) && { traceId: passage.trace.traceId }),
    expiresAt: expiry(clock.now()),
  };
}

/**
 * Commits the one outcome of a message. Of two commits of the same message the first wins, and the other's verdict is that it
 * was a duplicate.
 *
 * @returns the record that now stands: this commit's, or the one that was there before
 * @throws Interrupted when it is not known what stands, or another process is at it
 */
export async function commitOutcome(
  passage: Passage,
  outcome: Outcome,
  error: RecordedError | undefined,
  runtime: CommitRuntime,
): Promise<LedgerRecord> {
  const record: LedgerRecord = {
    ...recordOf(passage, runtime),
    outcome,
    endedAt: runtime.clock.now(),
    ...(error && { error, ...(passage.isTraced && { traceId: passage.trace.traceId }) }),
    ...(outcome === 'processed' && passage.effects),
  };
  const standing = await writeRecord(passage, record, runtime);
  if (standing.revision === record.revision) {
    passage.verdict = { outcome, ...(error && { error }) };
    return record;
  }
  const admission = admit(standing, passage, runtime.clock.now());
  if (admission === 'finished') {
    passage.verdict = { outcome: 'duplicate' };
    return standing;
  }
  throw new Interrupted(`another process changed the record of ${passage.messageKey} (${admission})`);
}

/**
 * Writes a record over the revision that the passage has seen.
 *
 * @returns the record that now stands, which is the given one unless another process was there before
 * @throws Interrupted when it is not known what stands
 */
export async function writeRecord(passage: Passage, record: LedgerRecord, { io }: Pick<Runtime, 'io'>): Promise<LedgerRecord> {
  try {
    if ((await io.writeRecord({ record, expectedRevision: passage.seen?.revision })) === 'written') return record;
    // A conflict may be with this very write: it was applied, its answer was lost, and the SDK asked again.
    const standing = await io.readRecord(record.messageKey);
    if (standing !== undefined) return standing;
  } catch (cause) {
    throw new Interrupted(`the ledger did not take the record of ${record.messageKey}`, { cause });
  }
  throw new Interrupted(`the record of ${record.messageKey} was removed meanwhile`);
}
