import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** The end of a chain, where nothing may wait. */
export default defineAgent({
  id: 'last',
  version: '1.0.0',
  description: 'Takes what the first one sends.',
  capabilities: [{ id: 'keeping-orders', name: 'Keeping orders', description: 'Takes what the first one sends.', tags: [] }],
  input: z.object({ nth: z.number() }),
  latencyGoalSeconds: 1,
  handle: async () => undefined,
});
