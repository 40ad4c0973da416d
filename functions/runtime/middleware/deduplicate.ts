import type { Delivery, Disposition } from '../delivery.ts';
import { PermanentError } from '../failure/errors.ts';
import { Exhausted } from '../failure/exhausted.ts';
import { Interrupted } from '../failure/interrupted.ts';
import { type Admission, admit } from '../ledger/admit.ts';
import { dispatch } from '../ledger/send-outbox.ts';
import type { Runtime } from '../runtime.ts';
import { decideOn } from '../trust/decide-on.ts';
import { decideAccess, senderOf } from '../trust/sender.ts';
import type { Step } from './step.ts';

/**
 * Looks the message up in the ledger. A finished message is not handled again: its outbox is sent again, for the process that
 * committed it may have died before it could.
 *
 * @throws PermanentError `Conflict`; Refusal; Exhausted; Interrupted
 */
export const deduplicate = (runtime: Runtime): Step => ({
  before: async function deduplicate({ event: delivery }): Promise<Disposition | undefined> {
    if (await wasRefused(delivery, runtime)) {
      delivery.markRefused();
      await lookUp(delivery, runtime);
      return await finish(delivery, runtime);
    }
    let admission = await lookUp(delivery, runtime);
    await refuseInvented(delivery, runtime);
    const isConflict = admission === 'conflict';
    if (isConflict) {
      delivery.markConflict();
      admission = await lookUp(delivery, runtime);
    }
    switch (admission) {
      case 'finished':
        return await finish(delivery, runtime);
      case 'superseded':
        delivery.report = { outcome: 'duplicate' };
        return 'acknowledge';
      case 'claimed':
        throw claimedElsewhere(delivery, runtime);
      case 'abandoned':
        countAbandonedAttempt(delivery);
    }
    if (delivery.lateRefusal !== undefined) throw delivery.lateRefusal;
    if (isConflict) throw conflict(delivery);
    refuseLastReceive(delivery, runtime);
    return undefined;
  },
});

/**
 * A message that claims to be sent again, of which there is neither a record nor a stated sender, is a new one: the permission to redrive is
 * none to send it.
 *
 * @throws Refusal
 */
async function refuseInvented(delivery: Delivery, runtime: Runtime): Promise<void> {
  const { access, ledgerRecord, envelope, sqsRecord, token } = delivery;
  if (access?.redrivenBy === undefined || ledgerRecord !== undefined || delivery.statedSenderId !== undefined) return;
  const decided = await decideOn(delivery, runtime, (record) =>
    decideAccess(record, senderOf(record, sqsRecord.attributes.SenderId, token), { ...envelope, isRedrive: false }),
  );
  if (decided !== undefined) delivery.access = decided;
}

async function finish(delivery: Delivery, runtime: Runtime): Promise<Disposition> {
  delivery.report = { outcome: 'duplicate' };
  if (delivery.ledgerRecord) await dispatch(delivery, delivery.ledgerRecord, runtime);
  return 'acknowledge';
}

/** Another process may have refused this very SQS message, before its sender was allowed. Then that is its outcome. */
async function wasRefused(delivery: Delivery, { io, settings }: Runtime): Promise<boolean> {
  if (settings.authentication === 'none' || delivery.receiveCount === 1) return false;
  try {
    return (await io.readRecord(delivery.refusedKey)) !== undefined;
  } catch (cause) {
    throw new Interrupted(`the ledger could not be read for ${delivery.refusedKey}`, { cause });
  }
}

async function lookUp(delivery: Delivery, { io, clock }: Runtime): Promise<Admission> {
  try {
    delivery.ledgerRecord = await io.readRecord(delivery.messageKey);
  } catch (cause) {
    throw new Interrupted(`the ledger could not be read for ${delivery.messageKey}`, { cause });
  }
  delivery.attempts = delivery.ledgerRecord?.generation === delivery.generation ? delivery.ledgerRecord.attempts : [];
  return admit(delivery.ledgerRecord, delivery, clock.now());
}

function claimedElsewhere({ ledgerRecord, messageKey }: Delivery, { clock }: Runtime): Interrupted {
  const remainingMs = (ledgerRecord?.claim?.expiresAt ?? 0) - clock.now();
  return new Interrupted(`another process is handling ${messageKey}`, { delaySeconds: Math.max(1, Math.ceil(remainingMs / 1_000)) });
}

/** The process that claimed the message crashed, hung or was stopped before it finished. */
function countAbandonedAttempt(delivery: Delivery): void {
  const abandoned = {
    at: delivery.ledgerRecord?.claim?.expiresAt ?? delivery.startedAt,
    kind: 'transient',
    code: 'Abandoned',
    reason: 'the process that was handling the message crashed, hung or timed out',
  } as const;
  delivery.attempts = [...delivery.attempts, abandoned];
  if (delivery.attempts.length > delivery.agent.retry.maxRetries) throw new Exhausted(abandoned);
}

function conflict({ envelope }: Delivery): PermanentError {
  return new PermanentError(
    'Conflict',
    `id: '${envelope.id}' of ${envelope.source} was used before for other data: give each message an id of its own`,
  );
}

/** At the next receive SQS would move the message to the dead-letter queue by itself, with no outcome on record. */
function refuseLastReceive({ receiveCount }: Delivery, { settings }: Runtime): void {
  if (receiveCount < settings.maxReceives) return;
  throw new Exhausted({
    kind: 'transient',
    code: 'ReceivesExhausted',
    reason: `received ${receiveCount} times without an outcome: its processes crashed or put it back, and their log lines say why`,
  });
}
