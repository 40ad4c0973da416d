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
  const best = firstInRank(
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

/** The one with the highest score for the key. Scores do not depend on each other: where the first is missing, the second is first. */
function firstInRank(offers: readonly Offer[], key: string): Offer | undefined {
  const seeds = seedsOf(key);
  let first: Offer | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const offer of offers) {
    const score = -offer.weight / Math.log(uniform(offer.agent, seeds));
    if (first !== undefined && (score < highest || (score === highest && first.agent < offer.agent))) continue;
    [first, highest] = [offer, score];
  }
  return first;
}

type Seeds = readonly [number, number];

function seedsOf(key: string): Seeds {
  const digest = hash('sha256', key, 'buffer');
  return [digest.readInt32LE(0), digest.readInt32LE(4)];
}

/**
 * In (0, 1), evenly. A message compares all agents of its capability, which may be hundreds. A cryptographic hash for each of them would
 * take longer than the rest of the runtime's work: only the key has one, and the agents are mixed into it.
 *
 * @see https://github.com/aappleby/smhasher/wiki/MurmurHash3
 */
function uniform(agent: string, [one, other]: Seeds): number {
  let [low, high] = [one, other];
  for (let at = 0; at < agent.length; at++) {
    const code = agent.charCodeAt(at);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
  }
  // 52 bits: with half a bit more, as many as a number has.
  return ((mixed(mixed(high) ^ low) >>> 12) * 2 ** 32 + (mixed(low) >>> 0) + 0.5) / 2 ** 52;
}

/** The finalizer of MurmurHash3: each bit of the result depends on each bit of the number. */
function mixed(bits: number): number {
  const first = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
