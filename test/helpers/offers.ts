import type { Offer, OfferHealth } from '../../events/offer.ts';

/** An offer of the capability `sentiment-analysis`. */
export const offerOf = (agent: string, rest: Partial<Offer> = {}): Offer => ({
  capability: 'sentiment-analysis',
  agent,
  version: '1.0.0',
  weight: 100,
  health: undefined,
  ...rest,
});

/** What the probe says of an agent that does well. */
export const healthOf = (rest: Partial<OfferHealth> = {}): OfferHealth => ({
  at: 0,
  messages: 100,
  p95Ms: 50,
  errorShare: 0,
  inRow: 10,
  isBad: false,
  ejections: 0,
  ...rest,
});
