import { expect, test } from 'vitest';
import { agentRegistrationSchema } from '../../../events/registration.ts';
import { agentOf } from '../services/registrations.ts';

test('what an older stack has not registered has its default', () => {
  const { callsCapabilities: _, receivesReplies: __, concurrency: ___, latencyGoalSeconds: ____, ...older } = agentOf('one');

  expect(agentRegistrationSchema.parse(older)).toEqual({
    ...older,
    ...{ callsCapabilities: [], receivesReplies: false, concurrency: 10, latencyGoalSeconds: 30 },
  });
});

test('what a newer stack registers besides keeps no agent out', () => {
  expect(agentRegistrationSchema.parse({ ...agentOf('one'), colour: 'red' })).toEqual(agentOf('one'));
});

test.each([0, 1.5, '30', -1])('a latency goal of %s is refused', (latencyGoalSeconds) => {
  expect(agentRegistrationSchema.safeParse({ ...agentOf('one'), latencyGoalSeconds }).success).toBe(false);
});
