import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';

const HANDLE_MS = 100;

/**
 * Has tenants. It handles four batches of ten messages at a time: the embedded cloud finds a tenant noisy by its messages in flight alone, of
 * which it must have 30.
 */
export default defineAgent({
  id: 'shared',
  version: '1.0.0',
  description: 'Takes a tenth of a second for a message of a tenant.',
  capabilities: [{ id: 'shared', name: 'Shared', description: 'Takes a tenth of a second for a message of a tenant.', tags: ['bench'] }],
  input: z.object({ nth: z.number() }),
  concurrency: 4,
  latencyGoalSeconds: 5,
  async handle() {
    await setTimeout(HANDLE_MS);
  },
});
