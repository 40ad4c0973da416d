import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { Offer } from './offer.ts';

/** Which agents with a capability will do. */
export interface OfferQuery {
  /** A range of semantic versions: `>=2.0`, `^1.4`. Pre-releases match only a range that names one. @default any */
  readonly version?: string | undefined;
  /** The longest 95th percentile of waiting and handling in the last minutes. @default any */
  readonly maxLatencyMs?: number | undefined;
  /** What `maxLatencyMs` says of agents that have handled nothing in the last minutes: a new version must not stay invisible. @default 'include' */
  readonly unmeasured?: 'include' | 'exclude' | undefined;
}

/**
 * The offers that match, or the agents.
 *
 * @throws RangeError for a version that is no range, or a latency that is no number of milliseconds
 * @see https://semver.org
 */
export function matchingOffers<Candidate extends Pick<Offer, 'version' | 'health'>>(
  offers: readonly Candidate[],
  query: OfferQuery,
): readonly Candidate[] {
  const { version, maxLatencyMs, unmeasured = 'include' } = query;
  checkQuery(query);
  const isInRange = version === undefined ? () => true : inRange(version);
  return offers.filter(({ version: offered, health }) => {
    if (!isInRange(offered)) return false;
    const p95Ms = health?.p95Ms;
    if (p95Ms === undefined) return unmeasured === 'include';
    return maxLatencyMs === undefined || p95Ms <= maxLatencyMs;
  });
}

/** Hundreds of agents have few versions. */
function inRange(range: string): (version: string) => boolean {
  const known = new Map<string, boolean>();
  return (version) => {
    const verdict = known.get(version) ?? satisfies(version, range);
    known.set(version, verdict);
    return verdict;
  };
}

/** @throws RangeError */
function checkQuery({ version, maxLatencyMs }: OfferQuery): void {
  if (version !== undefined && validRange(version) === null)
    throw new RangeError(`version '${version}' is not a range of semantic versions: give one such as '>=2.0' or '^1.4.0'`);
  if (maxLatencyMs !== undefined && !(maxLatencyMs > 0))
    throw new RangeError(`maxLatencyMs is ${maxLatencyMs}: give a number of milliseconds above 0`);
}

/** Whether the probe has ejected it. @param now epoch milliseconds */
export const isEjected = ({ health }: Pick<Offer, 'health'>, now: number): boolean =>
  health?.ejectedUntil !== undefined && health.ejectedUntil > now;
