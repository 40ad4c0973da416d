import type { LedgerRecord } from './ledger-record.ts';

export type Admission =
  /** Not handled to its end yet, or a newer generation than what was. */
  | 'handle'
  /** This generation has its outcome, or the message is processed: send its outbox again, then acknowledge. */
  | 'finished'
  /** A newer generation is on record: a late duplicate, acknowledge. */
  | 'superseded'
  /** Mended data, but the older generation is still on its way: it must reach its own outcome first. */
  | 'overtaking'
  /** Another process holds the claim. */
  | 'claimed'
  /** A process held the claim and never came back: it counts as a failed attempt. */
  | 'abandoned'
  /** The same id with other data. */
  | 'conflict';

/**
 * What the ledger says about a message that has arrived.
 *
 * A record blocks its own generation and older ones. Other data under a known id is a conflict, unless a redrive brings a
 * newer generation of a message that was rejected or dead-lettered: then someone has mended it. What is processed never is
 * again, whatever its generation.
 */
export function admit(
  record: LedgerRecord | undefined,
  message: { readonly generation: number; readonly digest: string },
  nowMs: number,
): Admission {
  if (record === undefined) return 'handle';
  const same = message.digest === record.digest;
  if (message.generation > record.generation) {
    if (record.outcome === 'processed') return same ? 'finished' : 'conflict';
    return same || record.outcome !== undefined ? 'handle' : 'overtaking';
  }
  if (message.generation < record.generation) return same || record.formerDigests?.includes(message.digest) ? 'superseded' : 'conflict';
  if (!same) return 'conflict';
  if (record.outcome !== undefined) return 'finished';
  if (record.claim === undefined) return 'handle';
  return record.claim.expiresAt > nowMs ? 'claimed' : 'abandoned';
}
