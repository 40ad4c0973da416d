import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { campaignOutcome } from './campaign-outcome.ts';
import { RULED_OUT } from './faults.ts';

test('the mesh keeps every promise in 15 seeds of 1,000 messages, each kind of fault among them', async () => {
  const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(15);

  expect(broken).toEqual([]);
  expect(seeds).toBe(15);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
  expect(missing).toEqual(RULED_OUT);
});

test('the mesh keeps every promise in 5 seeds beside processes of an older runtime, which asks nobody who sent a message', async () => {
  const { broken, seeds, messagesPerSeed } = await campaignOutcome(5, true);

  expect(broken).toEqual([]);
  expect(seeds).toBe(5);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
});

test('a seed has the same history each time, byte for byte, and another seed another', async () => {
  const hashes = async () => {
    const found = new Map<number, string | undefined>();
    const onResult = ({ seed, hash }: { readonly seed: number; readonly hash: string | undefined }) => found.set(seed, hash);
    await runCampaign({ firstSeed: 1, seeds: 6, messages: 300, isHashed: true, onResult });
    return [...found].sort(([a], [b]) => a - b);
  };

  const first = await hashes();
  const second = await hashes();

  expect(second).toEqual(first);
  expect(new Set(first.map(([, hash]) => hash)).size).toBe(6);
});
