import { Facts } from './check/facts.ts';
import type { Entry } from './history.ts';
import { needsTokens, type SeedOptions } from './run-seed.ts';
import { type Stack, simulate } from './simulation.ts';

/** Prints what happened to one message, to read why a promise was broken. */
export async function tellStory(stack: Stack, options: SeedOptions, key: string): Promise<void> {
  const { seed, messages, without, isSideBySide = false, hasDiscovery = false } = options;
  const { history } = await simulate(stack, {
    seed,
    messages,
    without: new Set(without),
    isSideBySide,
    hasDiscovery,
    needsTokens: needsTokens({ seed, isSideBySide }),
  });
  const { copies } = new Facts(history);
  const isOurs = (copy: number) => [copies.get(copy)?.identity.base, copies.get(copy)?.claimedBase].some((base) => base?.endsWith(key));
  const invocations = new Set<number>();
  for (const entry of history.entries) if (entry.what === 'received' && isOurs(entry.copy)) invocations.add(entry.invocation);
  const beganAt = history.entries[0]?.at ?? 0;
  for (const entry of history.entries) {
    const told = tell(entry, isOurs, key, invocations);
    if (told !== undefined) console.log(`${((entry.at - beganAt) / 1_000).toFixed(3).padStart(10)} s  ${entry.what.padEnd(9)} ${told}`);
  }
}

function tell(entry: Entry, isOurs: (copy: number) => boolean, key: string, invocations: ReadonlySet<number>): string | undefined {
  switch (entry.what) {
    case 'sent':
      return isOurs(entry.copy)
        ? `copy ${entry.copy} to ${entry.queue} by ${entry.senderId} ${JSON.stringify(entry.attributes)}`
        : undefined;
    case 'written': {
      const { generation, digest, outcome, attempts, claim, error } = entry.record;
      const codes = attempts.map(({ code }) => code).join(' ');
      const state = `generation ${generation}, ${digest.slice(0, 8)}, ${outcome ?? 'open'} ${error?.code ?? ''} [${codes}]${claim ? ' claimed' : ''}`;
      return entry.key.endsWith(key) ? `${entry.key} in ${entry.invocation}: ${state}` : undefined;
    }
    case 'received':
    case 'delayed':
    case 'deleted':
    case 'moved':
      return isOurs(entry.copy) ? JSON.stringify(entry) : undefined;
    case 'started':
    case 'ended':
      return `${entry.agent} ${entry.source} ${entry.id}`.endsWith(key) ? JSON.stringify(entry) : undefined;
    case 'invoked':
    case 'disturbed':
    case 'over':
      return invocations.has(entry.invocation) ? JSON.stringify(entry) : undefined;
    default:
      return undefined;
  }
}
