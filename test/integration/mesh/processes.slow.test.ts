import { expect, test } from 'vitest';
import { runProcesses } from '../../simulation/processes-run.ts';

test('agents killed with kill -9 in mid-batch, and the cloud too: every message has its one outcome, and its effects once', async () => {
  const { violations, messages, hops, workerKills, cloudKills, crashedInvocations, outcomes } = await runProcesses({
    messages: 500,
    kills: 5,
    cloudKills: 1,
  });

  expect(violations).toEqual([]);
  expect([workerKills, cloudKills]).toEqual([5, 1]);
  expect(crashedInvocations).toBeGreaterThan(0);
  expect(messages).toBeGreaterThanOrEqual(500);
  // Three agents for each message, but for those that fork, fail for ever or are rejected on their way.
  expect(hops).toBeGreaterThan(3 * messages);
  expect(Object.keys(outcomes).sort()).toEqual([
    'concluding processed',
    'enriching processed',
    'enriching rejected',
    'receiving dead-lettered',
    'receiving processed',
  ]);
});
