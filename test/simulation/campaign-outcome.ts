import { runCampaign } from './campaign.ts';
import { FAULT_KINDS, type FaultKind, NOT_SIDE_BY_SIDE, RULED_OUT } from './faults.ts';
import { replayCommand } from './shrink.ts';

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

/**
 * Runs seeds 1 to `seeds` with 1,000 messages each, under every kind of fault that is not ruled out.
 *
 * @param isSideBySide an older runtime runs beside the current one, with genuine messages only
 */
export async function campaignOutcome(seeds: number, isSideBySide = false): Promise<CampaignOutcome> {
  const without = isSideBySide ? [...RULED_OUT, ...NOT_SIDE_BY_SIDE] : RULED_OUT;
  const summary = await runCampaign({ firstSeed: 1, seeds, messages: MESSAGES_PER_SEED, without, isSideBySide });
  return {
    broken: summary.failed.map(({ seed, violations }) => ({
      replay: replayCommand({ seed, messages: MESSAGES_PER_SEED, without, isSideBySide }),
      violations: violations.slice(0, 3),
    })),
    seeds: summary.seeds,
    messagesPerSeed: summary.messages / summary.seeds,
    missing: FAULT_KINDS.filter((kind) => (summary.faults[kind] ?? 0) === 0),
  };
}
