import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type LedgerRecord, ledgerRecordSchema } from '../events/ledger-record.ts';
import { ledgerTableName, type MeshName } from '../events/names.ts';
import { type Item, readItems } from './read-items.ts';

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

function items(dynamodb: DynamoDBClient, mesh: MeshName, messageKeys: readonly string[], projection?: string): Promise<readonly Item[]> {
  const keys = messageKeys.map((messageKey) => ({ messageKey: { S: messageKey } }));
  return readItems(dynamodb, ledgerTableName(mesh), keys, { isConsistent: true, projection });
}
