import { setTimeout } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { registryItemSchema } from '../../../events/registry.ts';
import type { RegistryPorts } from './bring-in-line.ts';

/** A run that writes a hundred agents takes about a second. */
const PAUSE_MS = 250;

/** The parameters in SSM, registry and offers in DynamoDB tables. */
export function awsRegistry(
  { ssm, dynamodb }: { readonly ssm: SSMClient; readonly dynamodb: DynamoDBClient },
  { path, tableName, offersTable }: { readonly path: string; readonly tableName: string; readonly offersTable: string },
): RegistryPorts {
  return {
    async parameters() {
      const found: { name: string; value: string }[] = [];
      for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, { Path: path, Recursive: true }))
        for (const { Name: name = '', Value: value = '' } of Parameters) found.push({ name, value });
      return found;
    },
    async items() {
      return (await scan(dynamodb, tableName)).map((item) => z.parse(registryItemSchema, item));
    },
    offers: () => scan(dynamodb, offersTable),
    writeOffer: ({ capability, agent, declared, revision, weight }, expected) =>
      conditional(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: offersTable,
            Key: marshall({ capability, agent }),
            UpdateExpression: 'SET declared = :declared, revision = :revision, weight = if_not_exists(weight, :weight)',
            ConditionExpression: expected === undefined ? 'attribute_not_exists(revision)' : 'revision = :expected',
            ExpressionAttributeValues: marshall(
              { ':declared': declared, ':revision': revision, ':weight': weight, ':expected': expected },
              { removeUndefinedValues: true },
            ),
          }),
        ),
      ),
    removeOffer: ({ capability, agent, revision }) =>
      conditional(
        dynamodb.send(new DeleteItemCommand({ TableName: offersTable, Key: marshall({ capability, agent }), ...ifRevision(revision) })),
      ),
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
    pause: (conflicts) => setTimeout(Math.random() * PAUSE_MS * 2 ** conflicts),
    now: () => Date.now(),
    remove: ({ kind, id, revision }) =>
      conditional(dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: marshall({ kind, id }), ...ifRevision(revision) }))),
  };
}

async function scan(dynamodb: DynamoDBClient, TableName: string): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true }))
    items.push(...Items.map((item) => unmarshall(item)));
  return items;
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
