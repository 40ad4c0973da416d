import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Receives no replies. */
export default defineAgent({
  id: 'listening',
  version: '1.0.0',
  description: 'Takes everything that may be sent to it.',
  capabilities: [{ id: 'listening', name: 'Listening', description: 'Takes everything.', tags: [] }],
  input: z.unknown(),
  handle: async () => undefined,
});
