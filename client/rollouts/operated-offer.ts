import { type Offer, parseOffer } from '../../events/offer.ts';
import { parseRollout, ROLLOUT_ATTRIBUTE, type Rollout } from '../../events/rollout.ts';

/** An offer with the rollout to its agent. */
export interface OperatedOffer {
  readonly offer: Offer;
  readonly rollout: Rollout | undefined;
  /** The rollout as it is in the table: the condition of the next write. */
  readonly written: string | undefined;
}

/** Reads an item of the table of offers. @returns as {@link parseOffer} */
export function parseOperatedOffer(item: Readonly<Record<string, unknown>>): OperatedOffer | undefined {
  const written = item[ROLLOUT_ATTRIBUTE];
  const offer = parseOffer(item);
  return offer && { offer, rollout: parseRollout(written), written: typeof written === 'string' ? written : undefined };
}
