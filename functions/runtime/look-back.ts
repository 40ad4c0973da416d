import type { LedgerRecord } from './ledger-record.ts';
import type { Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

/**
 * Suspects were received before, and not every receive left a failed attempt on record. The likeliest to crash or to hang come
 * last, so that they do not use up the receives of those that were only beside them; of those, who has the fewest receives left
 * comes first. Messages that are known to use up all the time there is wait until the suspects are done, for the same reason.
 */
export async function lookBack(passages: readonly Passage[], { io }: Runtime) {
  const looked = await Promise.all(
    passages
      .filter(({ receiveCount }) => receiveCount > 1)
      .map(async (passage) => {
        try {
          passage.open();
          const record = await io.readRecord(passage.messageKey);
          const isSlow = record?.outcome === undefined && record?.attempts.at(-1)?.code === 'DeadlineExceeded';
          return { passage, isSuspect: !isAccounted(passage, record), suspicion: suspicionOf(passage, record), isSlow };
        } catch {
          // Whatever is wrong is found again, and recorded, when the message goes through the pipeline.
          return { passage, isSuspect: passage.isOpened, suspicion: 0, isSlow: false };
        }
      }),
  );
  const suspects = looked
    .filter(({ isSuspect }) => isSuspect)
    .sort((a, b) => a.suspicion - b.suspicion || b.passage.receiveCount - a.passage.receiveCount)
    .map(({ passage }) => passage);
  for (const suspect of suspects) suspect.isSuspect = true;
  const slow = suspects.length === 0 ? [] : looked.filter(({ isSuspect, isSlow }) => isSlow && !isSuspect).map(({ passage }) => passage);
  return { suspects, slow };
}

/** More than attempts can be. */
const CLAIMED = 1_000;

/** With a claim, it may have crashed the process that held it; with failed attempts, it may have used up the time of a batch. */
function suspicionOf({ generation }: Passage, record: LedgerRecord | undefined): number {
  if (record === undefined || record.generation < generation) return 0;
  return record.attempts.length + (record.claim === undefined ? 0 : CLAIMED);
}

/**
 * A record of an older generation says nothing about the receives of a redriven message. Copies of a message share its attempts, so
 * that those may outnumber the receives of each: a claim that is left over tells of a crash all the same.
 */
function isAccounted({ generation, receiveCount }: Passage, record: LedgerRecord | undefined): boolean {
  if (record === undefined || record.generation < generation) return false;
  if (record.outcome !== undefined) return true;
  return record.claim === undefined && record.attempts.length >= receiveCount - 1;
}
