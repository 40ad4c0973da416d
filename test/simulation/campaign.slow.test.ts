import { expect, test } from 'vitest';
import { campaignOutcome } from './campaign-outcome.ts';
import { NOT_SIDE_BY_SIDE, RULED_OUT } from './faults.ts';

test('the mesh keeps every promise in 100 seeds of 1,000 messages, each kind of fault among them', async () => {
  const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(100);

  expect(broken).toEqual([]);
  expect(seeds).toBe(100);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
  expect(missing).toEqual(RULED_OUT);
});

test('the mesh keeps every promise in 100 seeds beside processes of an older runtime, which asks nobody who sent a message', async () => {
  const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(100, true);

  expect(broken).toEqual([]);
  expect(seeds).toBe(100);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
  expect(missing.toSorted()).toEqual([...RULED_OUT, ...NOT_SIDE_BY_SIDE].toSorted());
});
