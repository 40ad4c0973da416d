import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import pRetry from 'p-retry';

/** DynamoDB's limit of keys per request. */
const MAX_KEYS = 100;

/** An item as DynamoDB has it, or its key. */
export type Item = Record<string, AttributeValue>;

interface ReadOptions {
  readonly isConsistent?: boolean;
  /** The attributes that are read. @default all */
  readonly projection?: string | undefined;
  /** How often keys that DynamoDB has left unread are asked for again, after longer and longer pauses. @default 8: half a minute */
  readonly retries?: number;
}

/**
 * Items by their keys, in any order. There is none for a key without an item.
 *
 * @throws Error when a throttled table leaves keys unread again and again
 */
export async function readItems(
  dynamodb: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  { isConsistent = false, projection, retries = 8 }: ReadOptions = {},
): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    let left = keys.slice(start, start + MAX_KEYS);
    await pRetry(
      async () => {
        const wanted = { Keys: left, ConsistentRead: isConsistent, ...(projection && { ProjectionExpression: projection }) };
        const { Responses, UnprocessedKeys } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [table]: wanted } }));
        found.push(...(Responses?.[table] ?? []));
        left = UnprocessedKeys?.[table]?.Keys ?? [];
        if (left.length > 0) throw new UnreadKeys(`DynamoDB did not read ${left.length} of ${keys.length} items of ${table}: try again`);
      },
      { retries, minTimeout: 100, maxTimeout: 5_000, randomize: true, shouldRetry: ({ error }) => error instanceof UnreadKeys },
    );
  }
  return found;
}

class UnreadKeys extends Error {
  override readonly name = 'UnreadKeys';
}
