import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { FAULT_KINDS, RULED_OUT } from './faults.ts';
import { replayCommand } from './shrink.ts';

const MESSAGES = 1_000;

describe('The mesh under faults', () => {
  it('keeps every promise in 100 seeds of 1,000 messages, each kind of fault among them', { timeout: 300_000 }, async () => {
    const { failed, seeds, messages, faults } = await runCampaign({ firstSeed: 1, seeds: 100, messages: MESSAGES });

    const broken = failed.map(({ seed, violations }) => ({
      replay: replayCommand({ seed, messages: MESSAGES, without: RULED_OUT }),
      violations: violations.slice(0, 3),
    }));
    expect(broken).toEqual([]);
    expect(seeds).toBe(100);
    expect(messages).toBeGreaterThanOrEqual(100 * MESSAGES);
    expect(FAULT_KINDS.filter((kind) => (faults[kind] ?? 0) === 0)).toEqual(RULED_OUT);
  });

  it('has the same history for the same seed, byte for byte, and another for another', async () => {
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
});
