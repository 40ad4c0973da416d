import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pRetry from 'p-retry';
import { type LedgerRecord, ledgerRecordSchema } from '../events/ledger-record.ts';
import { ledgerTableName, type MeshName } from '../events/names.ts';

/** DynamoDB's limit of keys per request. */
const MAX_KEYS = 100;

/** Records by their keys, read consistently. The result has no entry for a key without a record. */
export async function records(dynamodb: DynamoDBClient, mesh: MeshName, messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
  return (await items(dynamodb, mesh, messageKeys)).map((item) => ledgerRecordSchema.parse(unmarshall(item)));
}

/** Which of the keys have a record, read consistently. */
export async function recordedKeys(
  dynamodb: DynamoDBClient,
  mesh: MeshName,
  messageKeys: readonly string[],
): Promise<ReadonlySet<string | undefined>> {
  return new Set((await items(dynamodb, mesh, messageKeys, 'messageKey')).map(({ messageKey }) => messageKey?.S));
}

type Item = Record<string, AttributeValue>;

async function items(
  dynamodb: DynamoDBClient,
  mesh: MeshName,
  messageKeys: readonly string[],
  projection?: string,
): Promise<readonly Item[]> {
  const table = ledgerTableName(mesh);
  const found: Item[] = [];
  for (let start = 0; start < messageKeys.length; start += MAX_KEYS) {
    let keys = messageKeys.slice(start, start + MAX_KEYS).map((messageKey) => ({ messageKey: { S: messageKey } }));
    // A throttled table returns only some of the records.
    await pRetry(
      async () => {
        const { Responses, UnprocessedKeys } = await dynamodb.send(
          new BatchGetItemCommand({
            RequestItems: { [table]: { Keys: keys, ConsistentRead: true, ...(projection && { ProjectionExpression: projection }) } },
          }),
        );
        found.push(...(Responses?.[table] ?? []));
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
