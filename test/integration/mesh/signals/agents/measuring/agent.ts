import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError, TransientError } from '../../../../../../functions/runtime/failure/errors.ts';

/** Does what its message says, and counts it. */
export default defineAgent({
  id: 'measuring',
  version: '1.2.3',
  description: 'Ends as its message says.',
  capabilities: [{ id: 'measuring', name: 'Measuring', description: 'Ends as its message says.', tags: [] }],
  input: z.object({ end: z.enum(['well', 'rejected', 'dead-lettered']) }),
  retry: { maxRetries: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 },
  async handle({ data: { end } }, context) {
    context.counter('ends', 2);
    await context.timer('thinking', () => Promise.resolve());
    if (end === 'rejected') throw new PermanentError('Refused', 'as it was asked to');
    if (end === 'dead-lettered') throw new TransientError('Busy', 'as it was asked to be');
    await context.reply('done');
  },
});
