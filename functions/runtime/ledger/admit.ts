import type { LedgerRecord } from '../../../events/ledger-record.ts';

export type Admission =
  /** Not handled to its end yet, or a newer generation than what was. */
  | 'handle'
  /** This generation has its outcome, or the message is processed: send its outbox again, then acknowledge. */
  | 'finished'
  /** A newer generation is on record: a late duplicate, acknowledge. */
  | 'superseded'
  /** Another process holds the claim. */
  | 'claimed'
  /** A process held this generation's claim and did not finish: it counts as a failed attempt. */
  | 'abandoned'
  /** The same id with other data. */
  | 'conflict';

/**
 * Decides what to do with a received message, by its ledger record.
 *
 * An outcome blocks its own generation and older ones, a claim newer ones too. A processed message is never handled again, whatever its
 * generation. Other data under a known id is a conflict, redriven or not: changed data is another message and needs another id.
 */
export function admit(
  record: LedgerRecord | undefined,
  message: { readonly generation: number; readonly digest: string },
  nowMs: number,
): Admission {
  if (record === undefined) return 'handle';
  if (message.digest !== record.digest) return 'conflict';
  if (message.generation < record.generation) return 'superseded';
  const isNewer = message.generation > record.generation;
  if (record.outcome !== undefined) return isNewer && record.outcome !== 'processed' ? 'handle' : 'finished';
  if (record.claim === undefined) return 'handle';
  if (record.claim.expiresAt > nowMs) return 'claimed';
  return isNewer ? 'handle' : 'abandoned';
}
