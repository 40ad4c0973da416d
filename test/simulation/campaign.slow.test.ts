import { expect, test } from 'vitest';
import { campaignOutcome } from './campaign-outcome.ts';
import { leftOutOf } from './faults.ts';
import type { CampaignWorld } from './world.ts';

const WORLDS: readonly (CampaignWorld & { readonly title: string })[] = [
  { title: 'the runtime alone' },
  { title: 'an older runtime beside it, which asks nobody who sent a message', isSideBySide: true },
  { title: 'agents that also send to capabilities', hasDiscovery: true },
  { title: 'such agents beside an older runtime, which knows no capabilities', isSideBySide: true, hasDiscovery: true },
];

test.each(WORLDS)(
  'the mesh keeps every promise in 100 seeds of 1,000 messages, each kind of fault among them: $title',
  async ({ title, ...world }) => {
    const { broken, seeds, messagesPerSeed, missing } = await campaignOutcome(100, world);

    expect(broken).toEqual([]);
    expect(seeds).toBe(100);
    expect(messagesPerSeed).toBeGreaterThanOrEqual(1_000);
    expect(missing.toSorted()).toEqual(leftOutOf(world).toSorted());
  },
);
