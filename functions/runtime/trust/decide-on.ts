import type { AccessRecord } from '../../../events/access-record.ts';
import { conflictKey, isRevisionOf } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime } from '../runtime.ts';
import { decideCertainly } from './decide-certainly.ts';
import { Refusal } from './refusal.ts';

/** What the steps that decide about a sender need. */
export type TrustRuntime = Pick<Runtime, 'settings' | 'access' | 'io' | 'verifier'>;

/**
 * Decides about a message on the access record that the process has, and refuses none before it has asked the registry.
 *
 * @returns `undefined` when the message is refused, but was accepted before: then the step deduplicate ends it
 * @throws Refusal; Interrupted when the registry cannot be read
 */
export async function decideOn<Result>(
  delivery: Delivery,
  runtime: TrustRuntime,
  decide: (access: AccessRecord) => Result | Promise<Result>,
): Promise<Result | undefined> {
  // A batch asks before the pipeline does. It stays refused: its record has a key of its own by now.
  if (delivery.refusal !== undefined) throw delivery.refusal;
  const decision = await decideCertainly(runtime.access, decide);
  if (!(decision instanceof Refusal)) return decision;
  await refuse(delivery, decision, runtime);
  return undefined;
}

/**
 * Refuses the message under a key of its own. A message that a process has accepted before keeps its record: its effects may be
 * committed and not sent yet. That record names the SQS message that it is of, which no sender can forge. If SQS moved the message and an
 * operator put it back, the record names the sender that the operator states.
 */
async function refuse(delivery: Delivery, refusal: Refusal, { io }: TrustRuntime): Promise<void> {
  const mayBeAccepted = delivery.receiveCount > 1 || refusal.concernsOriginal;
  if (mayBeAccepted && (await wasAccepted(delivery, refusal, io))) {
    delivery.lateRefusal = refusal;
    return;
  }
  delivery.refusal = refusal;
  delivery.markRefused(refusal);
  throw refusal;
}

/** Its record is under its own key, or beside that of the first message with its id, if it was a conflict. */
async function wasAccepted(delivery: Delivery, { concernsOriginal }: Refusal, io: Runtime['io']): Promise<boolean> {
  const { messageKey, digest, sqsRecord, statedSenderId } = delivery;
  try {
    const records = await Promise.all([io.readRecord(messageKey), io.readRecord(conflictKey(digest, messageKey))]);
    return records.some((record) => {
      if (record === undefined) return false;
      const isPutBack = concernsOriginal && record.sender === statedSenderId && record.digest === digest;
      return isPutBack || isRevisionOf(record.revision, sqsRecord.messageId);
    });
  } catch (cause) {
    throw new Interrupted(`the ledger could not be read for ${messageKey}`, { cause });
  }
}
