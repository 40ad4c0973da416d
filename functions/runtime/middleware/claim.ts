import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import { openRecordOf, writeRecord } from '../ledger/commit-outcome.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/** Whether its process claims it before it is handled. */
export const needsClaim = ({ agent, isSuspect }: Pick<Delivery, 'agent' | 'isSuspect'>): boolean => agent.exclusive || isSuspect;

/**
 * Claims the message until the invocation ends, so that no other process handles it meanwhile: for exclusive agents, and
 * for suspects, whose claim tells the next process that this one crashed on it. A commit needs the revision of its own
 * claim, which excludes a process that was believed dead.
 *
 * @throws Interrupted when another process claimed it first, or no time is left
 */
export const claim = (runtime: Runtime): Step => ({
  before: async function claim({ event: delivery }) {
    if (!needsClaim(delivery)) return;
    if (runtime.clock.now() >= delivery.deadlineAt)
      throw new Interrupted('the time of the invocation was used up before the message was claimed');
    const record = { ...openRecordOf(delivery, runtime), claim: { owner: runtime.entropy.uuid(), expiresAt: delivery.endsAt } };
    delivery.ownClaim = record;
    const current = await writeRecord(delivery, record, runtime);
    if (current.revision !== record.revision) {
      delivery.ownClaim = undefined;
      throw new Interrupted(`another process is handling ${delivery.messageKey}`, { delaySeconds: 1 });
    }
    delivery.ledgerRecord = record;
  },
});
