import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { campaignOutcome } from './campaign-outcome.ts';
import { leftOutOf } from './faults.ts';
import type { CampaignWorld } from './world.ts';

test('the mesh keeps every promise in 15 seeds of 1,000 messages, each kind of fault among them', async () => {
  const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(15);

  expect(broken).toEqual([]);
  expect(seeds).toBe(15);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
  expect(missing.toSorted()).toEqual(leftOutOf({}).toSorted());
});

test('the mesh keeps every promise in 5 seeds beside processes of an older runtime, which asks nobody who sent a message and knows no tenants', async () => {
  const { broken, seeds, messagesPerSeed } = await campaignOutcome(5, { isSideBySide: true });

  expect(broken).toEqual([]);
  expect(seeds).toBe(5);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
});

test('the mesh keeps every promise in 3 seeds whose agents also send to capabilities', async () => {
  const { broken, seeds, messagesPerSeed } = await campaignOutcome(3, { hasDiscovery: true });

  expect(broken).toEqual([]);
  expect(seeds).toBe(3);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
});

test('the mesh keeps every promise in 3 seeds whose clients send by the real producer, governed by the real probe', async () => {
  const { broken, seeds, messagesPerSeed } = await campaignOutcome(3, { hasBackpressure: true });

  expect(broken).toEqual([]);
  expect(seeds).toBe(3);
  expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
});

test.each<{ readonly seeds: number; readonly world: CampaignWorld }>([
  { seeds: 6, world: {} },
  { seeds: 3, world: { hasDiscovery: true } },
  { seeds: 3, world: { hasBackpressure: true } },
])('a seed has the same history each time, byte for byte, and another seed another: $world', async ({ seeds, world }) => {
  const hashes = async () => {
    const found = new Map<number, string | undefined>();
    const onResult = ({ seed, hash }: { readonly seed: number; readonly hash: string | undefined }) => found.set(seed, hash);
    await runCampaign({ firstSeed: 1, seeds, messages: 300, isHashed: true, onResult, world });
    return [...found].sort(([a], [b]) => a - b);
  };

  const first = await hashes();
  const second = await hashes();

  expect(second).toEqual(first);
  expect(new Set(first.map(([, hash]) => hash)).size).toBe(seeds);
});
