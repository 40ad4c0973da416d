import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Offer, parseOffer } from '../../events/offer.ts';
import { queryItems } from '../query-items.ts';

/**
 * The offers of a capability, by one query whatever the number of agents, in alphabetical order of the agents.
 *
 * @param table of offers
 * @param agent only this one's. @default all
 */
export async function offersOf(dynamodb: DynamoDBClient, table: string, capability: string, agent?: string): Promise<readonly Offer[]> {
  const sort = agent === undefined ? undefined : (['agent', agent] as const);
  return (await queryItems(dynamodb, { table, partition: ['capability', capability], sort })).map(parseOffer);
}
