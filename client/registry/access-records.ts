import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type AccessRecord, accessRecordSchema } from '../../events/access-record.ts';
import type { MeshName } from '../../events/names.ts';
import { registryItemSchema, registryTableName } from '../../events/registry.ts';
import { queryItems } from '../query-items.ts';

const KIND = 'access';

/** An agent's access record, read consistently; `undefined` for an agent that is not registered. */
export async function accessRecord(dynamodb: DynamoDBClient, mesh: MeshName, agent: string): Promise<AccessRecord | undefined> {
  const Key = marshall({ kind: KIND, id: agent });
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: registryTableName(mesh), Key, ConsistentRead: true }));
  return Item && fromItem(unmarshall(Item));
}

/** Every access record of a mesh, by agent id. */
export async function accessRecords(dynamodb: DynamoDBClient, mesh: MeshName): Promise<readonly AccessRecord[]> {
  const items = await queryItems(dynamodb, { table: registryTableName(mesh), partition: ['kind', KIND], isConsistent: true });
  return items.map(fromItem);
}

const fromItem = (item: unknown): AccessRecord => accessRecordSchema.parse(JSON.parse(registryItemSchema.parse(item).value));
