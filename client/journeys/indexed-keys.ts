import { type AttributeValue, type DynamoDBClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';

/** An index of the ledger: the names of its two keys. */
export interface LedgerIndex {
  readonly table: string;
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
}

/** The first answer is small, so that the first screen is there at once. */
const FIRST_PAGE = 25;
const PAGE = 250;

interface IndexedKey {
  readonly messageKey: string;
  readonly position: number;
}

const keySchema = z.object({ messageKey: z.string() });

/** Which keys are read. */
interface Selection {
  /** Only positions below this one. @default all */
  readonly before?: number;
  /** Only records whose key begins with this. They are few: an answer looks at as many keys as DynamoDB reads at once, 1 MB. @default all */
  readonly prefix?: string;
}

/**
 * The keys of records under some partition keys of an index, in the index's order over all of them. It holds one page of each in memory.
 */
export async function* indexedKeys(
  dynamodb: DynamoDBClient,
  index: LedgerIndex,
  partitions: readonly string[],
  selection: Selection = {},
): AsyncGenerator<IndexedKey, void, undefined> {
  const shards = partitions.map((partition) => keysOf(dynamodb, index, partition, selection));
  const heads = await Promise.all(shards.map((shard) => shard.next()));
  for (;;) {
    let first: { readonly at: number; readonly key: IndexedKey } | undefined;
    for (const [at, head] of heads.entries()) {
      if (head.done !== true && (first === undefined || head.value.position < first.key.position)) first = { at, key: head.value };
    }
    if (first === undefined) return;
    yield first.key;
    const next = await shards[first.at]?.next();
    if (next !== undefined) heads[first.at] = next;
  }
}

async function* keysOf(
  dynamodb: DynamoDBClient,
  index: LedgerIndex,
  partition: string,
  { before, prefix }: Selection,
): AsyncGenerator<IndexedKey, void, undefined> {
  const values: Record<string, AttributeValue> = {
    ':p': { S: partition },
    ...(before !== undefined && { ':s': { N: String(before) } }),
    ...(prefix !== undefined && { ':x': { S: prefix } }),
  };
  let from: QueryCommandOutput['LastEvaluatedKey'];
  let limit = FIRST_PAGE;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: index.table,
        IndexName: index.name,
        KeyConditionExpression: `#p = :p${before === undefined ? '' : ' AND #s < :s'}`,
        ...(prefix !== undefined && { FilterExpression: 'begins_with(messageKey, :x)' }),
        ExpressionAttributeNames: { '#p': index.partition, ...(before !== undefined && { '#s': index.sort }) },
        ExpressionAttributeValues: values,
        ...(prefix === undefined && { Limit: limit }),
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    for (const item of Items) {
      const { messageKey } = keySchema.parse(unmarshall(item));
      yield { messageKey, position: Number(item[index.sort]?.N) };
    }
    from = LastEvaluatedKey;
    limit = PAGE;
  } while (from !== undefined);
}
