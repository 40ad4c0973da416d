import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { type AccessRecord, accessRecordSchema } from '../../../events/access-record.ts';
import type { Registry } from '../ports.ts';

/** The registry in a DynamoDB table, which the mesh's service of that name keeps. */
export class DynamoDbRegistry implements Registry {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  async readAccess(agentId: string, consistent: boolean): Promise<AccessRecord | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#tableName,
        Key: { kind: { S: 'access' }, id: { S: agentId } },
        ConsistentRead: consistent,
        ProjectionExpression: '#value',
        ExpressionAttributeNames: { '#value': 'value' },
      }),
    );
    const value = Item?.value?.S;
    return value === undefined ? undefined : z.parse(accessRecordSchema, JSON.parse(value));
  }
}
