import { defineAgent } from 'posthorn';
import { analyse, textSchema } from '../sentiment-analysis/analyse.ts';
import { capabilities } from '../sentiment-analysis/capabilities.ts';
import { scoreWithDegrees } from './score-with-degrees.ts';

// The second version of a capability, beside the first: `posthorn rollout sentiment-analysis --to sentiment-v2` moves journeys to it.
export default defineAgent({
  id: 'sentiment-v2',
  version: '2.0.0',
  description: 'Says how positive or negative an English text is, with the degrees of its words: "very good" is more than "good".',
  capabilities,
  input: textSchema,
  calls: ['report-writing'],
  actions: { analyse: { types: ['document.extracted'] } },
  handle: ({ data }, context) => analyse(data, context, scoreWithDegrees),
});
