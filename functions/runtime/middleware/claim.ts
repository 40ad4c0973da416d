import { recordOf, writeRecord } from '../commit-outcome.ts';
import { Interrupted } from '../interrupted.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/**
 * Claims the message until the invocation ends, so that no other process handles it meanwhile: for exclusive agents, and
 * for suspects, whose claim tells the next process who it was that crashed on it. A commit needs the revision of its own
 * claim, which fences off a process that was thought dead.
 *
 * @throws Interrupted when another process was quicker, or no time is left
 */
export const claim = (runtime: Runtime): Step => ({
  before: async function claim({ event: passage }) {
    if (!passage.agent.exclusive && !passage.isSuspect) return;
    if (runtime.clock.now() >= passage.deadlineAt)
      throw new Interrupted('the time of the invocation was used up before the message was claimed');
    const record = { ...recordOf(passage, runtime), claim: { owner: runtime.entropy.uuid(), expiresAt: passage.endsAt } };
    passage.claimed = record;
    const standing = await writeRecord(passage, record, runtime);
    if (standing.revision !== record.revision) {
      passage.claimed = undefined;
      throw new Interrupted(`another process is handling ${passage.messageKey}`, { delaySeconds: 1 });
    }
    passage.seen = record;
  },
});
