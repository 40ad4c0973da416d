import { hash } from 'node:crypto';
import { admit } from './admit.ts';
import { expiry, type RecordedError } from './ledger-record.ts';
import type { Passage } from './passage.ts';
import { readThrownText } from './read-thrown.ts';
import type { Runtime } from './runtime.ts';

const WINDOW_MS = 15 * 60_000;

/** A stack begins with the message, which may be of any length; SNS takes 256 KiB. */
const MAX_STACK_CHARACTERS = 16_384;

/** How long others leave an alert to the process that is at it. */
const PUBLISH_MS = 60_000;

/**
 * Logs an unknown error with its stack, and tells whoever is on call, once per fingerprint and window of 15 minutes over
 * all processes: the ledger holds the mark. Where the alert cannot be sent, the next such error does it, after a minute at the
 * earliest. Never throws: the message is what counts.
 */
export async function alertOnce(passage: Passage, error: unknown, recorded: RecordedError, runtime: Runtime): Promise<void> {
  const { agent, messageKey } = passage;
  const fingerprint = fingerprintOf(agent.id, error);
  passage.logger.error('unknown error', { error, code: recorded.code, fingerprint });
  try {
    const { io, clock, entropy } = runtime;
    const now = clock.now();
    const mark = {
      messageKey: `alert:${fingerprint} ${agent.id} ${Math.floor(now / WINDOW_MS)}`,
      revision: entropy.uuid(),
      agent: agent.id,
      generation: 0,
      digest: fingerprint,
      sender: agent.id,
      startedAt: now,
      attempts: [],
      expiresAt: expiry(now),
    };
    const seen = await io.readRecord(mark.messageKey);
    const admission = admit(seen, mark, now);
    if (admission !== 'handle' && admission !== 'abandoned') return;
    const claimed = { ...mark, claim: { owner: mark.revision, expiresAt: now + PUBLISH_MS } };
    if ((await io.writeRecord({ record: claimed, expectedRevision: seen?.revision })) === 'conflict') return;
    await runtime.alerts.publish({
      fingerprint,
      subject: `Unknown error in ${agent.id}: ${recorded.code}`,
      details: {
        agent: agent.id,
        version: agent.version,
        messageKey,
        ...recorded,
        stack: readThrownText(error, 'stack')?.slice(0, MAX_STACK_CHARACTERS),
      },
    });
    const told = { ...mark, revision: entropy.uuid(), outcome: 'processed', endedAt: clock.now() } as const;
    await io.writeRecord({ record: told, expectedRevision: mark.revision });
  } catch (cause) {
    passage.logger.error('the alert could not be sent', { error: cause, fingerprint });
  }
}

/** The same for one bug: agent, error name, and the place it was thrown at, without the column. */
export function fingerprintOf(agentId: string, error: unknown): string {
  const name = readThrownText(error, 'name') ?? typeof error;
  const topFrame = /^\s+at (.+?)(:\d+\)?)?$/m.exec(readThrownText(error, 'stack') ?? '')?.[1] ?? '';
  return hash('sha256', `${agentId}\n${name}\n${topFrame}`, 'hex').slice(0, 16);
}
