import { runCampaign } from './campaign.ts';
import { FAULT_KINDS, type FaultKind, leftOutOf } from './faults.ts';
import { replayCommand } from './shrink.ts';
import type { CampaignWorld } from './world.ts';

const MESSAGES_PER_SEED = 1_000;

/** What a test asserts of a campaign. */
export interface CampaignOutcome {
  /** Seeds that broke a promise: the command that replays each, and the first promises that it broke. */
  readonly broken: readonly { readonly replay: string; readonly violations: readonly unknown[] }[];
  readonly seeds: number;
  readonly messagesPerSeed: number;
  /** Kinds of faults that never happened. */
  readonly missing: readonly FaultKind[];
}

/** Runs seeds 1 to `seeds` with 1,000 messages each, under every kind of fault that is not left out of their world. */
export async function campaignOutcome(seeds: number, world: CampaignWorld = {}): Promise<CampaignOutcome> {
  const without = leftOutOf(world);
  const summary = await runCampaign({ firstSeed: 1, seeds, messages: MESSAGES_PER_SEED, without, world });
  return {
    broken: summary.failed.map(({ seed, violations }) => ({
      replay: replayCommand({ seed, messages: MESSAGES_PER_SEED, without, ...world }),
      violations: violations.slice(0, 3),
    })),
    seeds: summary.seeds,
    messagesPerSeed: summary.messages / summary.seeds,
    missing: FAULT_KINDS.filter((kind) => (summary.faults[kind] ?? 0) === 0),
  };
}
