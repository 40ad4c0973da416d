import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Offer, parseOffer } from '../../events/offer.ts';
import { queryItems } from '../query-items.ts';

/**
 * The offers of a capability, by one query whatever the number of agents, in alphabetical order of the agents.
 *
 * @param table of offers
 */
export async function offersOf(dynamodb: DynamoDBClient, table: string, capability: string): Promise<readonly Offer[]> {
  return (await queryItems(dynamodb, { table, partition: ['capability', capability] })).flatMap((item) => parseOffer(item) ?? []);
}
