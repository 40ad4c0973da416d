import * as z from 'zod/mini';
import { type Attempt, type Outcome, type RecordedError, revisionOf } from '../../../events/ledger-record.ts';
import { delayMessage } from '../batch/delay-message.ts';
import type { Delivery, Disposition } from '../delivery.ts';
import { alertOnce, fingerprintOf } from '../failure/alert-once.ts';
import { type Classification, classify } from '../failure/classify.ts';
import { connectionFailure } from '../failure/connection-failure.ts';
import { errorText, inspectable } from '../failure/error-property.ts';
import { Exhausted } from '../failure/exhausted.ts';
import { Interrupted } from '../failure/interrupted.ts';
import { decideFailure, retryDelaySeconds } from '../failure/retry.ts';
import { commitOutcome, openRecordOf, writeRecord } from '../ledger/commit-outcome.ts';
import { dispatch } from '../ledger/send-outbox.ts';
import type { Runtime } from '../runtime.ts';
import { Refusal } from '../trust/refusal.ts';
import { assertInTime } from './in-time.ts';
import type { Step } from './step.ts';

/** Permanent errors reject the message; transient ones retry it, then dead-letter it; unknown ones also send an alert. Never throws. */
export const classifyError = (runtime: Runtime): Step => ({
  onError: async function classifyError({ event: delivery, error: thrown }): Promise<Disposition> {
    const error = inspectable(thrown);
    try {
      if (error instanceof Interrupted) return await redeliverLater(delivery, error, runtime);
      if (error instanceof Exhausted) return await end(delivery, 'dead-lettered', error.recorded, runtime);
      return await settle(delivery, error, runtime);
    } catch (interruption) {
      return redeliverLater(delivery, interruption, runtime);
    }
  },
});

async function settle(delivery: Delivery, error: unknown, runtime: Runtime): Promise<Disposition> {
  const classification = classifyFor(delivery, error, runtime);
  const code = classification.code.slice(0, MAX_CODE_CHARACTERS).toWellFormed();
  const recorded: RecordedError = { kind: classification.kind, code, reason: reasonOf(error) };
  if (classification.kind !== 'unknown') return conclude(delivery, classification, recorded, runtime);

  const fingerprint = fingerprintOf(delivery.agent.id, error);
  delivery.logger.error('unknown error', { error, code, fingerprint });
  const disposition = await conclude(delivery, classification, recorded, runtime);
  delivery.alerting = alertOnce(delivery, fingerprint, error, recorded, runtime);
  return disposition;
}

async function conclude(
  delivery: Delivery,
  classification: Classification,
  recorded: RecordedError,
  runtime: Runtime,
): Promise<Disposition> {
  const attempt: Attempt = {
    at: runtime.clock.now(),
    from: delivery.handledAt ?? delivery.startedAt,
    ...recorded,
    ...(delivery.usage.length > 0 && { usage: delivery.usage }),
  };
  delivery.attempts = [...delivery.attempts, attempt];
  const isLastReceive = delivery.receiveCount >= runtime.settings.maxReceives;
  const { retry } = delivery.agent;
  const decision = decideFailure(classification, delivery.attempts.length, isLastReceive, retry, runtime.entropy.fraction());
  if (decision.action === 'reject') return end(delivery, 'rejected', recorded, runtime);
  if (decision.action === 'dead-letter') return end(delivery, 'dead-lettered', recorded, runtime);

  const record = { ...openRecordOf(delivery, runtime), dueAt: runtime.clock.now() + decision.delaySeconds * 1_000 };
  const current = await writeRecord(delivery, record, runtime);
  if (current.revision !== record.revision) throw new Interrupted(`another process changed the record of ${delivery.messageKey}`);
  delivery.report = { outcome: 'retry', error: recorded, delaySeconds: decision.delaySeconds };
  await delayMessage(delivery, decision.delaySeconds, runtime);
  return 'retry';
}

const classificationSchema = z.object({
  kind: z.enum(['permanent', 'transient', 'unknown']),
  code: z.string(),
  retryAfterSeconds: z.exactOptional(z.number()),
});

/** The agent's `classify` overrides the mesh's classification, unless it throws or returns none. */
function classifyFor(delivery: Delivery, error: unknown, { clock }: Runtime): Classification {
  try {
    // Neither unparsable messages nor refusals reach the agent's `classify`.
    const own = delivery.isOpened && !(error instanceof Refusal) ? delivery.agent.classify?.(error) : undefined;
    if (own) return classificationSchema.parse(own);
  } catch (cause) {
    delivery.logger.error("the agent's classify threw; the mesh's own classification is used", { error: cause });
  }
  return classify(error, clock.now());
}

async function end(delivery: Delivery, outcome: Outcome, error: RecordedError, runtime: Runtime): Promise<Disposition> {
  assertInTime(delivery, runtime.clock);
  const current = await commitOutcome(delivery, outcome, error, runtime);
  await dispatch(delivery, current, runtime);
  return 'acknowledge';
}

/** Ten receives last a quarter of an hour on average: a ledger or an inbox may be unavailable for so long. */
const INTERRUPTED_BACKOFF = { maxRetries: Number.POSITIVE_INFINITY, baseDelaySeconds: 2, maxDelaySeconds: 900 };

/** The error says nothing about the message: it is redelivered, later each time. */
async function redeliverLater(delivery: Delivery, interruption: unknown, runtime: Runtime): Promise<Disposition> {
  const { delaySeconds: asked, baseDelaySeconds } = interruption instanceof Interrupted ? interruption : {};
  const backoff = { ...INTERRUPTED_BACKOFF, ...(baseDelaySeconds !== undefined && { baseDelaySeconds }) };
  const delaySeconds = asked ?? retryDelaySeconds(delivery.receiveCount, backoff, runtime.entropy.fraction());
  if (delivery.report.outcome === 'retry') await releaseClaim(delivery, delaySeconds, runtime);
  delivery.report = { outcome: 'retry', cause: interruption, delaySeconds };
  await delayMessage(delivery, delaySeconds, runtime);
  return 'retry';
}

/** This process did not crash on the message: left over, its claim would count as an attempt. */
async function releaseClaim(delivery: Delivery, delaySeconds: number, runtime: Runtime): Promise<void> {
  if (delivery.ownClaim === undefined) return;
  const { claim, revision, ...record } = delivery.ownClaim;
  try {
    const released = {
      ...record,
      revision: revisionOf(delivery.sqsRecord.messageId, runtime.entropy.uuid()),
      dueAt: runtime.clock.now() + delaySeconds * 1_000,
    };
    await runtime.io.writeRecord({ record: released, expectedRevision: revision });
  } catch (error) {
    delivery.logger.warn('the claim could not be released; it ends with the invocation', { error });
  }
}

const MAX_CODE_CHARACTERS = 64;
const MAX_REASON_CHARACTERS = 1_024;

function reasonOf(error: unknown): string {
  const message = errorText(error, 'message') ?? `thrown: ${typeof error === 'string' ? error : typeof error}`;
  const connection = connectionFailure(error);
  const reason = connection === undefined || message.includes(connection) ? message : `${message}: ${connection}`;
  return reason.slice(0, MAX_REASON_CHARACTERS).toWellFormed();
}
