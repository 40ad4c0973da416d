import { defineAgent } from 'posthorn';
import { analyse, textSchema } from './analyse.ts';
import { capabilities } from './capabilities.ts';
import { scoreSentiment } from './score-sentiment.ts';

export default defineAgent({
  id: 'sentiment-analysis',
  version: '1.0.0',
  description: 'Says how positive or negative an English text is, and which emotions its words carry.',
  capabilities,
  input: textSchema,
  calls: ['report-writing'],
  actions: { analyse: { types: ['document.extracted'] } },
  handle: ({ data }, context) => analyse(data, context, scoreSentiment),
});
