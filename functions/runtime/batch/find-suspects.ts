import type { LedgerRecord } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';

/** A message that was received before, and its ledger record. */
export interface Redelivered {
  readonly delivery: Delivery;
  /** `undefined` when the ledger has none, or could not be read: then every receive may have crashed its process. */
  readonly record: LedgerRecord | undefined;
}

/**
 * Suspects were received before, and not every receive left a failed attempt on record. The likeliest to crash or to hang come
 * last, so that they do not use up the receives of those that were only beside them; among equals, the one with the fewest receives
 * left comes first.
 *
 * Slow messages are known to use up all the time of an invocation: they wait until the suspects are done, for the same reason.
 */
export function findSuspects(redelivered: readonly Redelivered[]): { readonly suspects: Delivery[]; readonly slow: Delivery[] } {
  const assessed = redelivered.map(({ delivery, record }) => ({
    delivery,
    isSuspect: !hasRecordedEveryReceive(delivery, record),
    isSlow: record?.outcome === undefined && record?.attempts.at(-1)?.code === 'DeadlineExceeded',
    suspicion: suspicionOf(delivery, record),
  }));
  const suspects = assessed
    .filter(({ isSuspect }) => isSuspect)
    .sort((a, b) => a.suspicion - b.suspicion || b.delivery.receiveCount - a.delivery.receiveCount)
    .map(({ delivery }) => delivery);
  if (suspects.length === 0) return { suspects, slow: [] };
  return { suspects, slow: assessed.filter(({ isSuspect, isSlow }) => isSlow && !isSuspect).map(({ delivery }) => delivery) };
}

/** More than the largest possible number of attempts. */
const CLAIMED = 1_000;

/** With a claim, it may have crashed the process that held it; with failed attempts, it may have used up the time of a batch. */
function suspicionOf({ generation }: Delivery, record: LedgerRecord | undefined): number {
  if (record === undefined || record.generation < generation) return 0;
  return record.attempts.length + (record.claim === undefined ? 0 : CLAIMED);
}

/**
 * A record of an older generation does not count the receives of a redriven message. Copies of a message share its attempts, so
 * those may outnumber the receives of each: a claim that is left over means a crash all the same.
 */
function hasRecordedEveryReceive({ generation, receiveCount }: Delivery, record: LedgerRecord | undefined): boolean {
  if (record === undefined || record.generation < generation) return false;
  if (record.outcome !== undefined) return true;
  return record.claim === undefined && record.attempts.length >= receiveCount - 1;
}
