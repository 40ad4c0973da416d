import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { meshName } from '../../events/names.ts';
import { registryTableName } from '../../events/registry.ts';

const TableName = registryTableName(meshName());

const limits = (client: DynamoDBClient) => ({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 });

/** Takes the registry's table away. */
export async function beginRegistryOutage(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists(limits(dynamodb), { TableName });
}

/** Brings the table back, empty: the registry's service fills it at the next change of a parameter, or within five minutes. */
export async function endRegistryOutage(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['kind', 'id'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists(limits(dynamodb), { TableName });
}
