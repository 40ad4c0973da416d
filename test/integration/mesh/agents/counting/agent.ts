import * as z from 'zod/mini';
import { defineAgent } from '../../../../../functions/runtime/agent/define-agent.ts';

export default defineAgent({
  id: 'counting',
  version: '1.0.0',
  description: 'The end of a chain: its records are the effects that became visible.',
  capabilities: [{ id: 'counting', name: 'Counting', description: 'Counts.', tags: ['test'] }],
  input: z.object({ parent: z.string(), index: z.int(), nonce: z.string() }),
  timeoutSeconds: 20,
  concurrency: 4,
  handle: async ({ data }) => data,
});
