import { matchingOffers, type OfferQuery } from '../../events/find-offers.ts';
import { type FoundAgent, type FoundFilter, foundAgents } from '../../events/found-agent.ts';
import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { inTable } from '../missing-table.ts';
import { checkCapability } from './check-capability.ts';
import { offersOf } from './offers-of.ts';
import { refusingQuery } from './refusing-query.ts';

/** Which agents {@link MeshClient.findAgents} finds. */
export interface FindOptions extends OfferQuery, FoundFilter {
  /** What the agents can do. */
  readonly capability: string;
}

/** The agents that match, those with the highest weight first, then those with the newest version. @throws InvalidQueryError, MissingTableError */
export async function findAgents(aws: AwsClients, mesh: MeshName, options: FindOptions): Promise<readonly FoundAgent[]> {
  const { capability } = options;
  checkCapability(capability);
  const table = offersTableName(mesh);
  const offers = await inTable(aws, table, offersOf(aws.dynamodb, table, capability));
  return refusingQuery(() => foundAgents(matchingOffers(offers, options), options, Date.now()));
}
