import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';

const HANDLE_MS = 100;

/** Has a known speed: two batches of ten messages at a time, of which each takes a tenth of a second. */
export default defineAgent({
  id: 'steady',
  version: '1.0.0',
  description: 'Takes a tenth of a second for a message.',
  capabilities: [{ id: 'steady', name: 'Steady', description: 'Takes a tenth of a second for a message.', tags: ['bench'] }],
  input: z.object({ nth: z.number() }),
  concurrency: 2,
  latencyGoalSeconds: 5,
  async handle() {
    await setTimeout(HANDLE_MS);
  },
});
