import { setTimeout } from 'node:timers/promises';
import { openTables, type Tables } from '../../local/services/tables.ts';
import { layouts } from './table-names.ts';

/** The same tables on the embedded cloud's dynalite. @throws Error when a table cannot be created */
export async function dynaliteTables(): Promise<Tables> {
  const tables = await openTables({ region: 'us-east-1', accountId: '000000000000' });
  for (const [name, { partitionKey, sortKey, indexes = [] }] of Object.entries(layouts)) {
    const { status, body } = await tables.execute('CreateTable', {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, AttributeType: 'S' }]),
        ...indexes.flatMap(({ keys }) => keys.map((key, at) => ({ AttributeName: key, AttributeType: at === 0 ? 'S' : 'N' }))),
      ],
      KeySchema: keySchema(partitionKey, sortKey),
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map(({ name: IndexName, keys: [hash = '', range] }) => ({
          IndexName,
          KeySchema: keySchema(hash, range),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
      }),
    });
    if (status !== 200) throw new Error(`dynalite did not make ${name}: ${JSON.stringify(body)}`);
    while (!JSON.stringify((await tables.execute('DescribeTable', { TableName: name })).body).includes('"ACTIVE"')) await setTimeout(10);
  }
  return tables;
}

const keySchema = (hash: string, range: string | undefined) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
];
