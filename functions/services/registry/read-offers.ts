import * as z from 'zod/mini';
import { describeIssues } from '../../../events/describe-issues.ts';
import { type OfferItem, offerItemSchema } from '../../../events/offer.ts';

/** The table of offers, and a sentence for each item in it that is none. */
export interface ReadOffers {
  readonly offers: readonly OfferItem[];
  readonly ignored: readonly string[];
}

const keySchema = z.object({ capability: z.string(), agent: z.string() });

/** An item that is no offer keeps no other from being read: an update by hand, with a slip in its key, leaves one. */
export function readOffers(items: readonly unknown[]): ReadOffers {
  const [offers, ignored]: [OfferItem[], string[]] = [[], []];
  for (const item of items) {
    const { data, error } = offerItemSchema.safeParse(item);
    if (data !== undefined) offers.push(data);
    else ignored.push(`${keyOf(item)} is no offer, and may be deleted: ${describeIssues(error, item)}`);
  }
  return { offers, ignored };
}

function keyOf(item: unknown): string {
  const { data } = keySchema.safeParse(item);
  return data === undefined
    ? 'an item of the table of offers'
    : `the item of the capability '${data.capability}' and the agent '${data.agent}'`;
}
