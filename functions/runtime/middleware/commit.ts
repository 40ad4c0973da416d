import { commitOutcome } from '../commit-outcome.ts';
import { dispatch } from '../dispatch.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/**
 * Makes what the handler did visible, once: the outcome and the outbox in one conditional write, then the outbox is sent.
 * Where another process committed the message first, its outbox is what is sent.
 *
 * @throws Interrupted
 */
export const commit = (runtime: Runtime): Step => ({
  after: async function commit({ event: passage }) {
    const standing = await commitOutcome(passage, 'processed', undefined, runtime);
    await dispatch(passage, standing, runtime);
  },
});
