import * as z from 'zod/mini';
import { defineAgent } from '../../../functions/runtime/agent/define-agent.ts';

/** Does nothing, so that a measurement contains only the mesh. */
export default defineAgent({
  id: 'no-op',
  version: '1.0.0',
  description: 'Takes a message and does nothing.',
  capabilities: [{ id: 'no-op', name: 'Nothing', description: 'Does nothing with a message.', tags: ['bench'] }],
  input: z.object({ orderId: z.string() }),
  async handle() {},
});
