import { expect, test } from 'vitest';
import { campaignOutcome } from './campaign-outcome.ts';
import { leftOutOf } from './faults.ts';
import type { CampaignWorld } from './world.ts';

const WORLDS: readonly (CampaignWorld & { readonly title: string; readonly count?: number })[] = [
  { title: 'the runtime alone' },
  { title: 'an older runtime beside it, which asks nobody who sent a message', isSideBySide: true },
  { title: 'agents that also send to capabilities', hasDiscovery: true },
  { title: 'such agents beside an older runtime, which knows no capabilities', isSideBySide: true, hasDiscovery: true },
  { title: 'clients that send by the real producer, governed by the real probe', hasBackpressure: true, count: 30 },
];

test.each(WORLDS)(
  'the mesh keeps every promise in seeds of 1,000 messages, each kind of fault among them: $title',
  async ({ title, count = 100, ...world }) => {
    const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(count, world);

    expect(broken).toEqual([]);
    expect(seeds).toBe(count);
    expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
    expect(missing.toSorted()).toEqual(leftOutOf(world).toSorted());
  },
);
