import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { TransientError } from '../../../../functions/runtime/failure/errors.ts';

/** A version of one capability. It replies with its id, and fails where the message says so. */
export const sentimentAgent = (id: string, version: string) =>
  defineAgent({
    id,
    version,
    description: 'Says which version it is.',
    capabilities: [{ id: 'sentiment-analysis', name: 'Sentiment', description: 'Says which version it is.', tags: [] }],
    input: z.object({ failing: z.optional(z.string()) }),
    retry: { maxRetries: 0 },
    async handle({ data: { failing } }, context) {
      if (failing === id) throw new TransientError('Broken', 'as it was asked to be');
      await context.reply({ agent: id });
    },
  });
