import { LRUCache } from 'lru-cache';
import { matchingOffers, type OfferQuery } from '../../../events/find-offers.ts';
import type { Offer } from '../../../events/offer.ts';

/** An agent asks with few ranges and latencies; one that makes them of its messages has many. */
const MAX_QUERIES = 50;

/** Which offers of a capability match, kept for as long as the offers are the same: it takes longer than to choose one of them. */
export class Matches {
  readonly #found = new LRUCache<string, readonly Offer[]>({ max: MAX_QUERIES });
  #offers: readonly Offer[] | undefined;

  /** @throws RangeError as {@link matchingOffers} */
  of(offers: readonly Offer[], { version, maxLatencyMs, unmeasured }: OfferQuery): readonly Offer[] {
    if (offers !== this.#offers) this.#found.clear();
    this.#offers = offers;
    const key = JSON.stringify([version, maxLatencyMs, unmeasured]);
    const found = this.#found.get(key) ?? matchingOffers(offers, { version, maxLatencyMs, unmeasured });
    this.#found.set(key, found);
    return found;
  }
}
