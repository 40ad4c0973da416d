import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Offer } from '../../../events/offer.ts';
import type { Offers } from '../ports.ts';

/** The offers in a DynamoDB table: registry, probe and operators keep it. What it takes to query is loaded with the first query. */
export class DynamoDbOffers implements Offers {
  readonly #client: DynamoDBClient;
  readonly #tableName: string | undefined;

  /** @param tableName `undefined` for an agent that calls no capability */
  constructor(client: DynamoDBClient, tableName: string | undefined) {
    this.#client = client;
    this.#tableName = tableName;
  }

  async of(capability: string): Promise<readonly Offer[]> {
    const { queryOffers } = await import('./query-offers.ts');
    return queryOffers(this.#client, this.#tableName, capability);
  }
}
