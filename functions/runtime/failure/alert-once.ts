import { hash } from 'node:crypto';
import { alertKey, expiry, type RecordedError } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { admit } from '../ledger/admit.ts';
import type { Runtime } from '../runtime.ts';
import { errorText } from './error-property.ts';

const WINDOW_MS = 15 * 60_000;

/** A stack begins with the message, which may be of any length; SNS takes 256 KiB. */
const MAX_STACK_CHARACTERS = 16_384;

/**
 * Sends an alert about an unknown error, once per fingerprint and window of 15 minutes over all processes: the ledger
 * holds the mark. Where the alert cannot be sent, or the process dies at it, the next such error tries again; so now and then it is
 * sent twice. Never rejects: an alert must not fail the message.
 */
export async function alertOnce(delivery: Delivery, fingerprint: string, error: unknown, recorded: RecordedError, runtime: Runtime) {
  const { io, clock, entropy, alerts } = runtime;
  const { agent, messageKey, logger } = delivery;
  const startedAt = clock.now();
  const mark = {
    messageKey: alertKey(fingerprint, agent.id, Math.floor(startedAt / WINDOW_MS)),
    revision: entropy.uuid(),
    agent: agent.id,
    generation: 0,
    digest: fingerprint,
    sender: agent.id,
    startedAt,
    attempts: [],
    expiresAt: expiry(startedAt),
  };
  try {
    const seen = await io.readRecord(mark.messageKey);
    const admission = admit(seen, mark, startedAt);
    if (admission !== 'handle' && admission !== 'abandoned') return;
    const claimed = { ...mark, claim: { owner: mark.revision, expiresAt: delivery.endsAt } };
    const answer = await io.writeRecord({ record: claimed, expectedRevision: seen?.revision });
    // A conflict may be with this very write, whose first answer was lost.
    if (answer === 'conflict' && (await io.readRecord(mark.messageKey))?.revision !== mark.revision) return;

    const stack = errorText(error, 'stack')?.slice(0, MAX_STACK_CHARACTERS);
    const details = { agent: agent.id, version: agent.version, messageKey, ...recorded, stack };
    const isTold = await alerts.publish({ fingerprint, subject: `Unknown error in ${agent.id}: ${recorded.code}`, details }).then(
      () => true,
      (cause: unknown) => {
        logger.error('the alert could not be sent; the next such error tries again', { error: cause, fingerprint });
        return false;
      },
    );
    const settled = { ...mark, revision: entropy.uuid(), ...(isTold && { outcome: 'processed' as const, endedAt: clock.now() }) };
    await io.writeRecord({ record: settled, expectedRevision: mark.revision });
  } catch (cause) {
    logger.error("the alert's mark could not be read or written", { error: cause, fingerprint });
  }
}

/** The same for one bug: agent, error name, and the place it was thrown at, without the column. */
export function fingerprintOf(agentId: string, error: unknown): string {
  const name = errorText(error, 'name') ?? typeof error;
  return hash('sha256', `${agentId}\n${name}\n${topFrameOf(error)}`, 'hex').slice(0, 16);
}

/** A stack begins with the message, which may quote the sender's data: lines that look like frames, or a megabyte of them. */
function topFrameOf(error: unknown): string {
  const stack = errorText(error, 'stack') ?? '';
  const message = errorText(error, 'message') ?? '';
  const start = stack.indexOf(message);
  const frames = start === -1 ? stack : stack.slice(start + message.length);
  return /^[ \t]+at (.+?)(:\d+\)?)?$/m.exec(frames)?.[1] ?? '';
}
