import type { KnownOffer, WantedOffer } from '../history.ts';

/** Who may be chosen, by the weights that decide among them. */
export interface Eligible {
  readonly weights: ReadonlyMap<string, number>;
  /** All that match are ejected: those with the smallest share of errors. */
  readonly isLastResort: boolean;
}

/** The offers that match. */
export const matching = (offers: readonly KnownOffer[], wanted: WantedOffer): readonly KnownOffer[] =>
  offers.filter((offer) => hasVersion(offer, wanted) && isFast(offer, wanted));

/**
 * Which agents a message may go to, as docs/discovery.md says it.
 *
 * @param now by the clock of the process that chooses
 */
export function eligibleAgents(offers: readonly KnownOffer[], wanted: WantedOffer, now: number): Eligible {
  const candidates = matching(offers, wanted);
  const weighted = candidates.filter(({ weight }) => weight > 0);
  // Where nobody has a weight, all have the same.
  const served = weighted.length > 0 ? weighted : candidates.map((offer) => ({ ...offer, weight: 1 }));
  const healthy = served.filter(({ ejectedUntil = 0 }) => ejectedUntil <= now);
  const least = Math.min(...served.map(shareOf));
  const usable = healthy.length > 0 ? healthy : served.filter((offer) => shareOf(offer) === least);
  return { weights: new Map(usable.map(({ agent, weight }) => [agent, weight])), isLastResort: healthy.length === 0 };
}

/** Of an agent whose errors nobody knows, the worst is taken for true. */
const shareOf = ({ errorShare = 1 }: KnownOffer): number => errorShare;

/** A pre-release, and what is no semantic version, match no range of those that are asked for. */
function hasVersion({ version }: KnownOffer, { leastMajor, onlyMajor }: WantedOffer): boolean {
  if (leastMajor === undefined && onlyMajor === undefined) return true;
  const [, major] = /^(\d+)\.\d+\.\d+$/.exec(version) ?? [];
  if (major === undefined) return false;
  return onlyMajor === undefined ? Number(major) >= (leastMajor ?? 0) : Number(major) === onlyMajor;
}

function isFast({ p95Ms }: KnownOffer, { maxLatencyMs = Number.POSITIVE_INFINITY, mustBeMeasured = false }: WantedOffer): boolean {
  return p95Ms === undefined ? !mustBeMeasured : p95Ms <= maxLatencyMs;
}
