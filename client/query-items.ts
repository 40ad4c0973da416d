import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

interface Wanted {
  readonly table: string;
  /** The name and the value of the partition key. */
  readonly partition: readonly [string, string];
  /** The name and the value of the sort key. @default any */
  readonly sort?: readonly [string, string] | undefined;
  readonly isConsistent?: boolean;
}

/** The items of a partition, unmarshalled, in the order of the sort key. */
export async function queryItems(
  dynamodb: DynamoDBClient,
  { table, partition, sort, isConsistent = false }: Wanted,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: table,
      ConsistentRead: isConsistent,
      KeyConditionExpression: `#partition = :partition${sort ? ' AND #sort = :sort' : ''}`,
      ExpressionAttributeNames: { '#partition': partition[0], ...(sort && { '#sort': sort[0] }) },
      ExpressionAttributeValues: { ':partition': { S: partition[1] }, ...(sort && { ':sort': { S: sort[1] } }) },
    },
  );
  const items: Readonly<Record<string, unknown>>[] = [];
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item)));
  return items;
}
