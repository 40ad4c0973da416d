import { versionRanks } from '../../events/compare-versions.ts';
import { idSchema } from '../../events/envelope.ts';
import { isEjected, matchingOffers, type OfferQuery } from '../../events/find-offers.ts';
import type { MeshName } from '../../events/names.ts';
import { type Offer, offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { InvalidQueryError } from '../errors.ts';
import { inTable } from '../missing-table.ts';
import { offersOf } from './offers-of.ts';

/** Which agents {@link MeshClient.findAgents} finds. */
export interface FindOptions extends OfferQuery {
  /** What the agents can do. */
  readonly capability: string;
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

/** The agents that match, those with the highest weight first, then those with the newest version. @throws InvalidQueryError, MissingTableError */
export async function findAgents(aws: AwsClients, mesh: MeshName, options: FindOptions): Promise<readonly FoundAgent[]> {
  const { capability, healthy, limit = Infinity } = options;
  if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0))
    throw new InvalidQueryError(`limit is ${limit}`, { remedy: 'Give a whole number above 0, or none for all.' });
  if (!idSchema.safeParse(capability).success)
    throw new InvalidQueryError(`'${capability}' is not a capability`, {
      remedy: 'Give 2 to 48 lower-case letters, digits and hyphens, beginning with a letter.',
    });
  const now = Date.now();
  const table = offersTableName(mesh);
  const found = matching(await inTable(aws, table, offersOf(aws.dynamodb, table, capability)), options);
  return bestFirst(found.filter((offer) => healthy === undefined || isEjected(offer, now) !== healthy))
    .slice(0, limit)
    .map((offer) => foundAgent(offer, now));
}

function bestFirst(offers: readonly Offer[]): readonly Offer[] {
  const ranks = versionRanks(offers.map(({ version }) => version));
  const rankOf = ({ version }: Offer): number => ranks.get(version) ?? 0;
  return offers.toSorted((one, other) => other.weight - one.weight || rankOf(other) - rankOf(one) || (one.agent < other.agent ? -1 : 1));
}

function matching(offers: readonly Offer[], query: OfferQuery): readonly Offer[] {
  try {
    return matchingOffers(offers, query);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InvalidQueryError(cause.message, { cause });
  }
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
