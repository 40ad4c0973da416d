import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type AccessRecord, accessRecordSchema } from '../../events/access-record.ts';
import type { MeshName } from '../../events/names.ts';
import { registryItemSchema, registryTableName } from '../../events/registration.ts';

const KIND = 'access';

/** An agent's access record, read consistently; `undefined` for an agent that is not registered. */
export async function accessRecord(dynamodb: DynamoDBClient, mesh: MeshName, agent: string): Promise<AccessRecord | undefined> {
  const Key = marshall({ kind: KIND, id: agent });
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: registryTableName(mesh), Key, ConsistentRead: true }));
  return Item && fromItem(Item);
}

/** Every access record of a mesh, by agent id. */
export async function accessRecords(dynamodb: DynamoDBClient, mesh: MeshName): Promise<readonly AccessRecord[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: registryTableName(mesh),
      ConsistentRead: true,
      KeyConditionExpression: 'kind = :kind',
      ExpressionAttributeValues: marshall({ ':kind': KIND }),
    },
  );
  const found: AccessRecord[] = [];
  for await (const { Items = [] } of pages) found.push(...Items.map(fromItem));
  return found;
}

const fromItem = (item: Parameters<typeof unmarshall>[0]): AccessRecord =>
  accessRecordSchema.parse(JSON.parse(registryItemSchema.parse(unmarshall(item)).value));
