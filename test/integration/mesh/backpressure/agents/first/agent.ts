import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Takes orders, and sends each on. */
export default defineAgent({
  id: 'first',
  version: '1.0.0',
  description: 'Sends what it gets on.',
  capabilities: [{ id: 'taking-orders', name: 'Taking orders', description: 'Sends what it gets on.', tags: [] }],
  input: z.object({ nth: z.number(), text: z.optional(z.string()) }),
  sendsTo: ['last'],
  async handle({ data: { nth } }, context) {
    await context.send('last', { nth });
  },
});
