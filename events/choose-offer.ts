import { hash } from 'node:crypto';
import { isEjected } from './find-offers.ts';
import type { Offer } from './offer.ts';

/** An offer that was chosen. */
export interface Choice {
  readonly offer: Offer;
  /** None of those that match is healthy: it is the one with the smallest share of errors. */
  readonly isLastResort: boolean;
}

/**
 * Chooses one of the offers by weighted rendezvous hashing: the same key has the same agent as long as weights and agents stay the same,
 * and a change moves only the keys that it must. The next in rank takes over from an agent that is ejected. Agents of weight 0 get nothing
 * while another has more, even if that one is ejected: a version that was rolled back is no failover.
 *
 * @param key the journey's correlation id
 * @param now epoch milliseconds
 * @returns `undefined` if there are no offers
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-bess-weighted-hrw
 */
export function chooseOffer(offers: readonly Offer[], key: string, now: number): Choice | undefined {
  const weighted = weightedOffers(offers);
  const [best] = ranked(
    weighted.filter((offer) => !isEjected(offer, now)),
    key,
  );
  if (best !== undefined) return { offer: best, isLastResort: false };
  const [leastBad] = [...weighted].sort((one, other) => errorShare(one) - errorShare(other) || (one.agent < other.agent ? -1 : 1));
  return leastBad && { offer: leastBad, isLastResort: true };
}

const errorShare = ({ health }: Offer): number => health?.errorShare ?? 1;

/** Those that get messages. Where nobody has a weight, all have the same: what is offered is served. */
export function weightedOffers(offers: readonly Offer[]): readonly Offer[] {
  const weighted = offers.filter(({ weight }) => weight > 0);
  return weighted.length > 0 ? weighted : offers.map((offer) => ({ ...offer, weight: 1 }));
}

/** The first is the one to use, the next takes over if it cannot be used. */
function ranked(offers: readonly Offer[], key: string): readonly Offer[] {
  const scored = offers.map((offer) => ({ offer, score: -offer.weight / Math.log(uniform(`${offer.agent} ${key}`)) }));
  return scored.sort((one, other) => other.score - one.score).map(({ offer }) => offer);
}

const BITS = 48;

/** In (0, 1), evenly. */
const uniform = (text: string): number => (Number.parseInt(hash('sha256', text, 'hex').slice(0, BITS / 4), 16) + 0.5) / 2 ** BITS;
