import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

const MODEL_MS = 50_000;

/** The slow one: a batch of orders takes it 50 seconds, and it takes two batches at a time. */
export default defineAgent({
  id: 'fraud-check',
  version: '0.9.0',
  description: 'Asks a model whether an order is a fraud.',
  capabilities: [{ id: 'fraud-check', name: 'Fraud check', description: 'Judges orders.', tags: ['orders'] }],
  input: z.looseObject({ orderId: z.string() }),
  concurrency: 2,
  timeoutSeconds: 60,
  async handle(_message, context) {
    await setTimeout(MODEL_MS, undefined, { signal: context.signal });
    context.usage({ model: 'judge-small', inputTokens: 900, outputTokens: 60 });
  },
});
