import { createHash } from 'node:crypto';
import { checkHistory, type Violation } from './check/check-history.ts';
import type { FaultKind } from './faults.ts';
import type { History } from './history.ts';
import { type Stack, simulate } from './simulation.ts';
import type { CampaignWorld } from './world.ts';

export interface SeedOptions extends CampaignWorld {
  readonly seed: number;
  /** Different messages, those that agents send included. */
  readonly messages: number;
  readonly without: readonly FaultKind[];
}

/** The result of a seed, without its history. */
export interface SeedResult {
  readonly seed: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly violations: readonly Violation[];
  /** SHA-256 of the history. */
  readonly hash: string | undefined;
}

/** Two of five seeds: in the others, SQS's stamp alone tells who sent a message. */
export const needsTokens = ({ seed, isSideBySide = false }: Pick<SeedOptions, 'seed' | 'isSideBySide'>): boolean =>
  !isSideBySide && (seed % 5 === 2 || seed % 5 === 4);

/** Simulates a seed and holds its history against the promises. */
export async function runSeed(
  stack: Stack,
  { seed, messages, without, isSideBySide = false, hasDiscovery = false }: SeedOptions,
  { isHashed = false }: { readonly isHashed?: boolean } = {},
): Promise<SeedResult> {
  const { history, faults, ...counts } = await simulate(stack, {
    seed,
    messages,
    without: new Set(without),
    isSideBySide,
    hasDiscovery,
    needsTokens: needsTokens({ seed, isSideBySide }),
  });
  return { seed, ...counts, faults, violations: checkHistory(history), hash: isHashed ? hashOf(history) : undefined };
}

function hashOf({ entries }: History): string {
  const hash = createHash('sha256');
  for (const entry of entries) {
    hash.update(JSON.stringify(entry.what === 'stored' ? { ...entry, bytes: entry.bytes.byteLength } : entry));
    if (entry.what === 'stored') hash.update(entry.bytes);
  }
  return hash.digest('hex');
}
