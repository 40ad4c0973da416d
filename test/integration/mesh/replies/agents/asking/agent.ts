import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Has a text rated by whoever can, and keeps the answer as the result of that message. */
export default defineAgent({
  id: 'asking',
  version: '1.0.0',
  description: 'Asks by capability, and receives the answer.',
  capabilities: [{ id: 'asking', name: 'Asking', description: 'Asks by capability.', tags: [] }],
  input: z.union([z.object({ text: z.string() }), z.object({ stars: z.number() })]),
  calls: ['rating'],
  receivesReplies: true,
  async handle({ data }, context) {
    if ('stars' in data) return { stars: data.stars, from: context.sender.name };
    await context.send({ capability: 'rating' }, data, { replyTo: 'asking' });
    return undefined;
  },
});
