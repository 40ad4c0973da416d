import { runCampaign } from './campaign.ts';
import type { Mutant } from './mutant.ts';
import type { SeedResult } from './run-seed.ts';

const MAX_SEEDS = 50;

/** The first seed of the campaign that breaks a promise on the runtime broken by `mutant`; `undefined` when 50 seeds find nothing. */
export async function firstFailure({ name, firstSeed, world = {} }: Mutant): Promise<SeedResult | undefined> {
  const seeds = { firstSeed, seeds: MAX_SEEDS, messages: 1_000 };
  const { failed } = await runCampaign({ ...seeds, workers: 1, stopsAtFailure: true, mutant: name, world });
  return failed[0];
}
