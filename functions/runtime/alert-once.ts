import { hash } from 'node:crypto';
import { expiry, type RecordedError } from './ledger-record.ts';
import type { Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

const WINDOW_MS = 15 * 60_000;

/**
 * Logs an unknown error with its stack, and tells whoever is on call, once per fingerprint and window of 15 minutes over
 * all processes: the ledger holds the mark. Never throws: the message is what counts.
 */
export async function alertOnce(passage: Passage, error: unknown, recorded: RecordedError, runtime: Runtime): Promise<void> {
  const { agent, messageKey } = passage;
  const fingerprint = fingerprintOf(agent.id, error);
  passage.logger.error('unknown error', { error, code: recorded.code, fingerprint });
  try {
    const now = runtime.clock.now();
    const mark = `alert:${fingerprint} ${agent.id} ${Math.floor(now / WINDOW_MS)}`;
    const record = {
      messageKey: mark,
      revision: runtime.entropy.uuid(),
      agent: agent.id,
      generation: 0,
      digest: fingerprint,
      sender: agent.id,
      startedAt: now,
      attempts: [],
      expiresAt: expiry(now),
    };
    if ((await runtime.io.writeRecord({ record, expectedRevision: undefined })) === 'conflict') return;
    await runtime.alerts.publish({
      fingerprint,
      subject: `Unknown error in ${agent.id}: ${recorded.code}`,
      details: { agent: agent.id, version: agent.version, messageKey, ...recorded, stack: stackOf(error) },
    });
  } catch (cause) {
    passage.logger.error('the alert could not be sent', { error: cause, fingerprint });
  }
}

/** The same for one bug: agent, error name, and the place it was thrown at, without columns that a new build moves. */
export function fingerprintOf(agentId: string, error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const topFrame = /^\s+at (.+)$/m.exec(stackOf(error) ?? '')?.[1] ?? '';
  return hash('sha256', `${agentId}\n${name}\n${topFrame}`, 'hex').slice(0, 16);
}

const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined);
