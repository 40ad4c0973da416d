import type { AccessRecord } from '../../../events/access-record.ts';
import { conflictKey, isRevisionOf } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime } from '../runtime.ts';
import { OUTAGE_BASE_SECONDS } from './outage.ts';
import { Refusal } from './refusal.ts';

/** What the steps that decide about a sender need. */
export type TrustRuntime = Pick<Runtime, 'settings' | 'access' | 'io' | 'verifier'>;

/**
 * Decides about a message on the access record that the process has. Before it refuses the message, it decides again on the registry's
 * own state: the sender may have been added since.
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
  const current = await runtime.access.current();
  const first = await attempt(decide, current);
  if (!(first instanceof Refusal)) return first;
  const certain = await runtime.access.certain();
  const second = certain === current ? first : await attempt(decide, certain);
  if (!(second instanceof Refusal)) return second;
  await refuse(delivery, second, runtime);
  return undefined;
}

/** An error of the mesh is not the message's fault, so it is recorded under no id. */
async function attempt<Result>(
  decide: (access: AccessRecord) => Result | Promise<Result>,
  access: AccessRecord,
): Promise<Result | Refusal> {
  try {
    return await decide(access);
  } catch (error) {
    if (error instanceof Refusal) return error;
    if (error instanceof Interrupted) throw error;
    throw new Interrupted('the sender could not be verified', { cause: error, baseDelaySeconds: OUTAGE_BASE_SECONDS });
  }
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
