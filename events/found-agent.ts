import { versionRanks } from './compare-versions.ts';
import { isEjected } from './find-offers.ts';
import type { Offer } from './offer.ts';

/** Which of the agents that match are listed. */
export interface FoundFilter {
  /** `true` leaves out agents that the probe has ejected, `false` finds only these. @default all */
  readonly healthy?: boolean | undefined;
  /** So many at most. @default no limit */
  readonly limit?: number | undefined;
}

/** An agent that offers a capability. */
export interface FoundAgent {
  readonly agent: string;
  readonly version: string;
  /** Its share of the capability's journeys, beside the weights of the others: 0 to 100. */
  readonly weight: number;
  /** Whether it gets messages although others offer the capability as well: `false` while the probe has ejected it. */
  readonly isHealthy: boolean;
  /** Why it is not healthy. */
  readonly reason: string | undefined;
  /** The 95th percentile of waiting plus that of handling, in the last minutes; `undefined` where nothing was measured. */
  readonly p95Ms: number | undefined;
  /** The share of attempts that failed although the message was not at fault, when the probe last saw any; `undefined` before. */
  readonly errorShare: number | undefined;
}

/**
 * Lists offers that match: those with the highest weight first, then those with the newest version.
 *
 * @param now epoch milliseconds
 * @throws RangeError for a limit that is no whole number above 0
 */
export function foundAgents(offers: readonly Offer[], { healthy, limit = Infinity }: FoundFilter, now: number): readonly FoundAgent[] {
  if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0))
    throw new RangeError(`limit is ${limit}: give a whole number above 0, or none for all`);
  return bestFirst(offers.filter((offer) => healthy === undefined || isEjected(offer, now) !== healthy))
    .slice(0, limit)
    .map((offer) => foundAgent(offer, now));
}

/** An offer, as it is now. @param now epoch milliseconds */
export function foundAgent(offer: Offer, now: number): FoundAgent {
  const { agent, version, weight, health } = offer;
  const isHealthy = !isEjected(offer, now);
  return {
    agent,
    version,
    weight,
    isHealthy,
    reason: isHealthy ? undefined : health?.reason,
    p95Ms: health?.p95Ms,
    errorShare: health?.errorShare,
  };
}

function bestFirst(offers: readonly Offer[]): readonly Offer[] {
  const ranks = versionRanks(offers.map(({ version }) => version));
  const rankOf = ({ version }: Offer): number => ranks.get(version) ?? 0;
  return offers.toSorted((one, other) => other.weight - one.weight || rankOf(other) - rankOf(one) || (one.agent < other.agent ? -1 : 1));
}
