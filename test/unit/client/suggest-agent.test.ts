import { expect, test } from 'vitest';
import { suggestAgent } from '../../../client/queues/agent-queues.ts';

test.each([
  ['order-procesing', "Did you mean 'order-processing'? Its agents: order-processing, report-writing."],
  ['sentiment', 'Its agents: order-processing, report-writing.'],
])('instead of %s', (agent, suggestion) => {
  expect(suggestAgent(agent, ['order-processing', 'report-writing'])).toBe(suggestion);
});
