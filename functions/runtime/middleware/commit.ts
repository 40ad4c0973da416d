import { commitOutcome } from '../ledger/commit-outcome.ts';
import { dispatch } from '../ledger/send-outbox.ts';
import type { Runtime } from '../runtime.ts';
import { assertInTime } from './in-time.ts';
import type { Step } from './step.ts';

/**
 * Makes the handler's effects visible, once: the outcome and the outbox in one conditional write, then the outbox is sent.
 * If another process committed the message first, its outbox is sent.
 *
 * @throws Interrupted
 */
export const commit = (runtime: Runtime): Step => ({
  after: async function commit({ event: delivery }) {
    assertInTime(delivery, runtime.clock);
    const current = await commitOutcome(delivery, 'processed', undefined, runtime);
    await dispatch(delivery, current, runtime);
  },
});
