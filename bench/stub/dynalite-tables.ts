import { setTimeout } from 'node:timers/promises';
import { openTables, type Tables } from '../../local/services/tables.ts';
import { layouts } from './table-names.ts';

/** The same tables on the embedded cloud's dynalite. @throws Error when a table cannot be created */
export async function dynaliteTables(): Promise<Tables> {
  const tables = await openTables({ region: 'us-east-1', accountId: '000000000000' });
  for (const [name, { partitionKey, sortKey, index }] of Object.entries(layouts)) {
    const [hash, range] = index?.keys ?? [];
    const { status, body } = await tables.execute('CreateTable', {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, AttributeType: 'S' }]),
        ...(hash && range
          ? [
              { AttributeName: hash, AttributeType: 'S' },
              { AttributeName: range, AttributeType: 'N' },
            ]
          : []),
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
      ],
      ...(index &&
        hash &&
        range && {
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by-trace',
              KeySchema: [
                { AttributeName: hash, KeyType: 'HASH' },
                { AttributeName: range, KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: index.included },
            },
          ],
        }),
    });
    if (status !== 200) throw new Error(`dynalite did not make ${name}: ${JSON.stringify(body)}`);
    while (!JSON.stringify((await tables.execute('DescribeTable', { TableName: name })).body).includes('"ACTIVE"')) await setTimeout(10);
  }
  return tables;
}
