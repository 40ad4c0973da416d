import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Offer, parseOffer } from '../../../events/offer.ts';

/** @throws Error where the agent was deployed without a table of offers */
export async function queryOffers(client: DynamoDBClient, tableName: string | undefined, capability: string): Promise<readonly Offer[]> {
  if (tableName === undefined) throw new Error('the environment has no POSTHORN_OFFERS_TABLE: deploy the agent with its calls');
  const offers: Offer[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      KeyConditionExpression: 'capability = :capability',
      ExpressionAttributeValues: { ':capability': { S: capability } },
    },
  );
  for await (const { Items = [] } of pages) offers.push(...Items.flatMap((item) => parseOffer(unmarshall(item)) ?? []));
  return offers;
}
