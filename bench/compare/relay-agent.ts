import * as z from 'zod/mini';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';

/** The work of both contestants: validate a small message, count it, send it on. The metrics record of the mesh has the count. */
export default defineAgent({
  id: 'relay',
  version: '1.0.0',
  description: 'Sends each order on.',
  capabilities: [{ id: 'relay', name: 'Relay', description: 'Sends each order on.', tags: ['bench'] }],
  input: z.object({ orderId: z.string(), quantity: z.int(), note: z.string() }),
  sendsTo: ['sink'],
  async handle({ data }, context) {
    await context.send('sink', data);
  },
});
