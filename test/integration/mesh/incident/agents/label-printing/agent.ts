import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** The crashing one: a label that its driver cannot print ends the process, without an error that anybody could catch. */
export default defineAgent({
  id: 'label-printing',
  version: '1.0.3',
  description: 'Prints the label of a parcel.',
  capabilities: [{ id: 'label-printing', name: 'Label printing', description: 'Prints labels.', tags: ['orders'] }],
  input: z.object({ orderId: z.string(), label: z.string() }),
  retry: { maxRetries: 2, baseDelaySeconds: 1, maxDelaySeconds: 2 },
  timeoutSeconds: 10,
  async handle({ data: { label } }, context) {
    if (label.includes('\u0000')) process.exit(139);
    await context.reply({ label });
  },
});
