import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { OFFERS_TABLE } from '../stub/table-names.ts';
import type { OfferAttributes } from './offer-items.ts';

/** Writes items into the table of offers. */
export async function fillOffers(endpoint: string, items: readonly OfferAttributes[]): Promise<void> {
  const dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
  try {
    await pMap(items, (item) => dynamodb.send(new PutItemCommand({ TableName: OFFERS_TABLE, Item: marshall(item) })), { concurrency: 20 });
  } finally {
    dynamodb.destroy();
  }
}
