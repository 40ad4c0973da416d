import { type FaultKind, leftOutOf, RULED_OUT } from './faults.ts';
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts';
import type { Stack } from './simulation.ts';

/** A failing seed, and what of it is still needed for the failure. */
export interface Shrunk {
  readonly options: SeedOptions;
  readonly result: SeedResult;
}

/**
 * Looks for fewer messages and fewer kinds of faults with which the seed still breaks one of the same promises.
 *
 * @param result of the failing seed
 */
export async function shrink(stack: Stack, options: SeedOptions, result: SeedResult): Promise<Shrunk> {
  const invariants = new Set(result.violations.map(({ invariant }) => invariant));
  let best: Shrunk = { options, result };
  const attempt = async (change: Partial<SeedOptions>): Promise<boolean> => {
    const smaller = { ...best.options, ...change };
    const found = await runSeed(stack, smaller);
    const isSame = found.violations.some(({ invariant }) => invariants.has(invariant));
    if (isSame) best = { options: smaller, result: found };
    return isSame;
  };

  for (let step = best.options.messages / 2; step >= 1; step /= 2) {
    while (best.options.messages > step && (await attempt({ messages: Math.ceil(best.options.messages - step) })));
  }
  for (const kind of Object.keys(best.result.faults) as FaultKind[]) await attempt({ without: [...best.options.without, kind] });
  return best;
}

/** The one command that replays a seed. */
export function replayCommand({ seed, messages, without, ...world }: SeedOptions, mutant?: string): string {
  const parts = [`npm run simulate -- --seed ${seed} --messages ${messages}`];
  const implied = leftOutOf(world);
  const told = without.filter((kind) => !implied.includes(kind));
  if (told.length > 0) parts.push(`--without ${told.join(',')}`);
  const added = RULED_OUT.filter((kind) => !without.includes(kind));
  if (added.length > 0) parts.push(`--with ${added.join(',')}`);
  if (world.isSideBySide) parts.push('--side-by-side');
  if (world.hasDiscovery) parts.push('--discovery');
  if (world.hasBackpressure) parts.push('--backpressure');
  if (mutant !== undefined) parts.push(`--mutant ${mutant}`);
  return parts.join(' ');
}
