import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Sends its message on to whoever can do it. */
export default defineAgent({
  id: 'asking',
  version: '1.0.0',
  description: 'Asks by capability.',
  capabilities: [{ id: 'asking', name: 'Asking', description: 'Asks by capability.', tags: [] }],
  input: z.object({ version: z.optional(z.string()), failing: z.optional(z.string()) }),
  calls: ['sentiment-analysis'],
  async handle({ data: { version, failing } }, context) {
    await context.send({ capability: 'sentiment-analysis', version }, { failing });
  },
});
