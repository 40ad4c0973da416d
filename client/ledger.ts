import { BatchGetItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pRetry from 'p-retry';
import type * as z from 'zod/mini';
import { indexedRecordSchema, type LedgerRecord, ledgerRecordSchema } from '../events/ledger-record.ts';
import { ledgerTableName, type MeshName, TRACE_INDEX_NAME } from '../events/names.ts';

/** One message at one agent, as the index of journeys holds it. */
export type Hop = z.output<typeof indexedRecordSchema>;

/** Every hop of a trace, by one query, oldest first. */
export async function journey(dynamodb: DynamoDBClient, mesh: MeshName, traceId: string): Promise<readonly Hop[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: ledgerTableName(mesh),
      IndexName: TRACE_INDEX_NAME,
      KeyConditionExpression: 'traceId = :traceId',
      ExpressionAttributeValues: { ':traceId': { S: traceId } },
    },
  );
  const hops: Hop[] = [];
  for await (const { Items = [] } of pages) hops.push(...Items.map((item) => indexedRecordSchema.parse(unmarshall(item))));
  return hops.sort((one, other) => one.startedAt - other.startedAt);
}

/** DynamoDB's limit of keys per request. */
const MAX_KEYS = 100;

/** Records by their keys, read consistently. The result has no entry for a key without a record. */
export async function records(dynamodb: DynamoDBClient, mesh: MeshName, messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
  const table = ledgerTableName(mesh);
  const found: LedgerRecord[] = [];
  for (let start = 0; start < messageKeys.length; start += MAX_KEYS) {
    let keys = messageKeys.slice(start, start + MAX_KEYS).map((messageKey) => ({ messageKey: { S: messageKey } }));
    // A throttled table returns only some of the records.
    await pRetry(
      async () => {
        const { Responses, UnprocessedKeys } = await dynamodb.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
        );
        found.push(...(Responses?.[table] ?? []).map((item) => ledgerRecordSchema.parse(unmarshall(item))));
        const left = UnprocessedKeys?.[table]?.Keys?.map(({ messageKey }) => messageKey?.S) ?? [];
        keys = keys.filter(({ messageKey }) => left.includes(messageKey.S));
        if (keys.length > 0) throw new UnreadKeys(`DynamoDB did not read ${keys.length} of ${messageKeys.length} records: try again`);
      },
      { retries: 8, minTimeout: 100, maxTimeout: 5_000, randomize: true, shouldRetry: ({ error }) => error instanceof UnreadKeys },
    );
  }
  return found;
}

class UnreadKeys extends Error {
  override readonly name = 'UnreadKeys';
}
