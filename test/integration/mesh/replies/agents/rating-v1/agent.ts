import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Names nobody that it sends to. */
export default defineAgent({
  id: 'rating-v1',
  version: '1.0.0',
  description: 'Rates a text by its length.',
  capabilities: [{ id: 'rating', name: 'Rating', description: 'Rates a text by its length.', tags: [] }],
  input: z.object({ text: z.string(), type: z.optional(z.string()) }),
  async handle({ data: { text, type } }, context) {
    await context.reply({ stars: Math.min(text.length, 5) }, { type });
  },
});
