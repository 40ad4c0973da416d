import { type Admission, admit } from '../admit.ts';
import { dispatch } from '../dispatch.ts';
import { PermanentError } from '../errors.ts';
import { Exhausted } from '../exhausted.ts';
import { Interrupted } from '../interrupted.ts';
import type { Disposition, Passage } from '../passage.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/**
 * Looks the message up in the ledger. What is finished is not handled again: its outbox is sent again, for the process that
 * committed it may have died before it could.
 *
 * @throws PermanentError `Conflict`; Exhausted; Interrupted
 */
export const deduplicate = (runtime: Runtime): Step => ({
  before: async function deduplicate({ event: passage }): Promise<Disposition | undefined> {
    let admission = await lookUp(passage, runtime);
    const isConflict = admission === 'conflict';
    if (isConflict) {
      passage.markConflict();
      admission = await lookUp(passage, runtime);
    }
    switch (admission) {
      case 'finished':
        passage.verdict = { outcome: 'duplicate' };
        if (passage.seen) await dispatch(passage, passage.seen, runtime);
        return 'acknowledge';
      case 'superseded':
        passage.verdict = { outcome: 'duplicate' };
        return 'acknowledge';
      case 'claimed':
        throw claimedElsewhere(passage, runtime);
      case 'abandoned':
        countAbandonedAttempt(passage);
    }
    if (isConflict) throw conflict(passage);
    refuseLastReceive(passage, runtime);
    return undefined;
  },
});

async function lookUp(passage: Passage, { io, clock }: Runtime): Promise<Admission> {
  try {
    passage.seen = await io.readRecord(passage.messageKey);
  } catch (cause) {
    throw new Interrupted(`the ledger could not be read for ${passage.messageKey}`, { cause });
  }
  passage.attempts = passage.seen?.generation === passage.generation ? passage.seen.attempts : [];
  return admit(passage.seen, passage, clock.now());
}

function claimedElsewhere({ seen, messageKey }: Passage, { clock }: Runtime): Interrupted {
  const remainingMs = (seen?.claim?.expiresAt ?? 0) - clock.now();
  return new Interrupted(`another process is handling ${messageKey}`, { delaySeconds: Math.max(1, Math.ceil(remainingMs / 1_000)) });
}

/** Whoever claimed the message died, hung or was stopped with it in hand. */
function countAbandonedAttempt(passage: Passage): void {
  const abandoned = {
    at: passage.seen?.claim?.expiresAt ?? passage.startedAt,
    kind: 'transient',
    code: 'Abandoned',
    reason: 'the process that was handling the message crashed, hung or timed out',
  } as const;
  passage.attempts = [...passage.attempts, abandoned];
  if (passage.attempts.length > passage.agent.retry.maxRetries) throw new Exhausted(abandoned);
}

function conflict({ envelope }: Passage): PermanentError {
  return new PermanentError(
    'Conflict',
    `id: '${envelope.id}' of ${envelope.source} was used before for other data: give each message an id of its own`,
  );
}

/** One more receive and SQS moves the message to the dead-letter queue by itself, with no outcome on record. */
function refuseLastReceive({ receiveCount }: Passage, { settings }: Runtime): void {
  if (receiveCount < settings.maxReceives) return;
  throw new Exhausted({
    kind: 'transient',
    code: 'ReceivesExhausted',
    reason: `received ${receiveCount} times without an outcome: its processes crashed, were throttled or could not reach the ledger`,
  });
}
