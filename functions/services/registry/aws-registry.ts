import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { registryItemSchema } from '../../../events/registration.ts';
import type { RegistryPorts } from './bring-in-line.ts';

/** The parameters in SSM, the registry in a DynamoDB table. */
export function awsRegistry(
  { ssm, dynamodb }: { readonly ssm: SSMClient; readonly dynamodb: DynamoDBClient },
  { path, tableName }: { readonly path: string; readonly tableName: string },
): RegistryPorts {
  return {
    async parameters() {
      const found: { name: string; value: string }[] = [];
      for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, { Path: path, Recursive: true }))
        for (const { Name: name = '', Value: value = '' } of Parameters) found.push({ name, value });
      return found;
    },
    async items() {
      const pages = paginateScan({ client: dynamodb }, { TableName: tableName, ConsistentRead: true });
      const items = [];
      for await (const { Items = [] } of pages) items.push(...Items.map((item) => z.parse(registryItemSchema, unmarshall(item))));
      return items;
    },
    write: (item, expected) =>
      conditional(
        dynamodb.send(
          new PutItemCommand({
            TableName: tableName,
            Item: marshall(item),
            ...(expected === undefined ? { ConditionExpression: 'attribute_not_exists(revision)' } : ifRevision(expected)),
          }),
        ),
      ),
    now: () => Date.now(),
    remove: ({ kind, id, revision }) =>
      conditional(dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: marshall({ kind, id }), ...ifRevision(revision) }))),
  };
}

const ifRevision = (revision: number) => ({
  ConditionExpression: 'revision = :revision',
  ExpressionAttributeValues: marshall({ ':revision': revision }),
});

async function conditional(request: Promise<unknown>): Promise<'written' | 'conflict'> {
  try {
    await request;
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict';
    throw error;
  }
}
