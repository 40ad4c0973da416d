import * as z from 'zod/mini';
import { alertOnce, fingerprintOf } from '../alert-once.ts';
import { type Classification, classify } from '../classify.ts';
import { commitOutcome, recordOf, writeRecord } from '../commit-outcome.ts';
import { delayMessage } from '../delay-message.ts';
import { dispatch } from '../dispatch.ts';
import { Exhausted } from '../exhausted.ts';
import { Interrupted } from '../interrupted.ts';
import type { Attempt, Outcome, RecordedError } from '../ledger-record.ts';
import type { Disposition, Passage } from '../passage.ts';
import { lookable, readThrownText } from '../read-thrown.ts';
import { decideFailure, retryDelaySeconds } from '../retry.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/** Permanent: rejected. Transient: retried, then dead-lettered. Unknown: someone is told, then as transient. Never throws. */
export const classifyError = (runtime: Runtime): Step => ({
  onError: async function classifyError({ event: passage, error: thrown }): Promise<Disposition> {
    const error = lookable(thrown);
    try {
      if (error instanceof Interrupted) return await receiveAgain(passage, error, runtime);
      if (error instanceof Exhausted) return await end(passage, 'dead-lettered', error.recorded, runtime);
      return await settle(passage, error, runtime);
    } catch (interruption) {
      return receiveAgain(passage, interruption, runtime);
    }
  },
});

async function settle(passage: Passage, error: unknown, runtime: Runtime): Promise<Disposition> {
  const classification = classifyFor(passage, error, runtime);
  const code = classification.code.slice(0, MAX_CODE_CHARACTERS).toWellFormed();
  const recorded: RecordedError = { kind: classification.kind, code, reason: reasonOf(error) };
  if (classification.kind !== 'unknown') return conclude(passage, classification, recorded, runtime);

  const fingerprint = fingerprintOf(passage.agent.id, error);
  passage.logger.error('unknown error', { error, code, fingerprint });
  const disposition = await conclude(passage, classification, recorded, runtime);
  passage.alerting = alertOnce(passage, fingerprint, error, recorded, runtime);
  return disposition;
}

async function conclude(passage: Passage, classification: Classification, recorded: RecordedError, runtime: Runtime): Promise<Disposition> {
  const attempt: Attempt = { at: runtime.clock.now(), ...recorded };
  passage.attempts = [...passage.attempts, attempt];
  const isLastReceive = passage.receiveCount >= runtime.settings.maxReceives;
  const { retry } = passage.agent;
  const decision = decideFailure(classification, passage.attempts.length, isLastReceive, retry, runtime.entropy.fraction());
  if (decision.action === 'reject') return end(passage, 'rejected', recorded, runtime);
  if (decision.action === 'dead-letter') return end(passage, 'dead-lettered', recorded, runtime);

  const record = recordOf(passage, runtime);
  const standing = await writeRecord(passage, record, runtime);
  if (standing.revision !== record.revision) throw new Interrupted(`another process changed the record of ${passage.messageKey}`);
  passage.verdict = { outcome: 'retry', error: recorded, delaySeconds: decision.delaySeconds };
  await delayMessage(passage, decision.delaySeconds, runtime);
  return 'retry';
}

const classificationSchema = z.object({
  kind: z.enum(['permanent', 'transient', 'unknown']),
  code: z.string(),
  retryAfterSeconds: z.exactOptional(z.number()),
});

/** An agent's own say comes first; where it fails itself, the mesh's classification stands. */
function classifyFor(passage: Passage, error: unknown, { clock }: Runtime): Classification {
  try {
    // What is no message at all is the mesh's own affair.
    const own = passage.isOpened ? passage.agent.classify?.(error) : undefined;
    if (own) return classificationSchema.parse(own);
  } catch (cause) {
    passage.logger.error("the agent's classify threw; the mesh's own classification is used", { error: cause });
  }
  return classify(error, clock.now());
}

async function end(passage: Passage, outcome: Outcome, error: RecordedError, runtime: Runtime): Promise<Disposition> {
  const standing = await commitOutcome(passage, outcome, error, runtime);
  await dispatch(passage, standing, runtime);
  return 'acknowledge';
}

/** Ten receives last for a quarter of an hour on average: so long may a ledger or an inbox be away. */
const INTERRUPTED_BACKOFF = { maxRetries: Number.POSITIVE_INFINITY, baseDelaySeconds: 2, maxDelaySeconds: 900 };

/** Nothing is known against the message: it comes again, later each time. */
async function receiveAgain(passage: Passage, interruption: unknown, runtime: Runtime): Promise<Disposition> {
  const asked = interruption instanceof Interrupted ? interruption.delaySeconds : undefined;
  const delaySeconds = asked ?? retryDelaySeconds(passage.receiveCount, INTERRUPTED_BACKOFF, runtime.entropy.fraction());
  if (passage.verdict.outcome === 'retry') await releaseClaim(passage, runtime);
  passage.verdict = { outcome: 'retry', cause: interruption, delaySeconds };
  await delayMessage(passage, delaySeconds, runtime);
  return 'retry';
}

/** This process did not crash on the message: left over, its claim would count as an attempt. */
async function releaseClaim(passage: Passage, runtime: Runtime): Promise<void> {
  if (passage.claimed === undefined) return;
  const { claim, revision, ...record } = passage.claimed;
  try {
    await runtime.io.writeRecord({ record: { ...record, revision: runtime.entropy.uuid() }, expectedRevision: revision });
  } catch (error) {
    passage.logger.warn('the claim could not be released; it ends with the invocation', { error });
  }
}

const MAX_CODE_CHARACTERS = 64;
const MAX_REASON_CHARACTERS = 1_024;

function reasonOf(error: unknown): string {
  const message = readThrownText(error, 'message') ?? `thrown: ${typeof error === 'string' ? error : typeof error}`;
  return message.slice(0, MAX_REASON_CHARACTERS).toWellFormed();
}
