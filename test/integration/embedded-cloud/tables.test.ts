import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openTables } from '../../../local/services/tables.ts';
import { until } from '../../helpers/until.ts';

const PLACE = { region: 'us-east-1', accountId: '000000000000' };

/** Those that LevelDB's iterators inherit their `close` from, as dynalite sees them. */
const { AbstractKeyIterator, AbstractValueIterator } = createRequire(createRequire(import.meta.url).resolve('dynalite/db'))(
  'abstract-level',
);

test('every query closes its iterator, also one that ends before the end: an open one keeps the database as it was', async () => {
  const path = await mkdtemp(join(tmpdir(), 'posthorn-tables-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const tables = await openTables({ ...PLACE, path });
  onTestFinished(() => tables.close());
  const execute = async (operation: string, input: object) => {
    expect(await tables.execute(operation, { TableName: 'things', ...input })).toMatchObject({ status: 200 });
  };
  await execute('CreateTable', {
    AttributeDefinitions: ['kind', 'id'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'kind', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const describe = () => tables.execute('DescribeTable', { TableName: 'things' });
  await until('the table is there', async () => JSON.stringify(await describe()).includes('ACTIVE'));
  for (let id = 0; id < 3; id++) await execute('PutItem', { Item: { kind: { S: 'a' }, id: { S: String(id) } } });
  const closed = [AbstractKeyIterator, AbstractValueIterator].map(({ prototype }) => vi.spyOn(Object.getPrototypeOf(prototype), 'close'));
  onTestFinished(() => void vi.restoreAllMocks());

  const query = { KeyConditionExpression: 'kind = :kind', ExpressionAttributeValues: { ':kind': { S: 'a' } } };
  await execute('Query', query);
  await execute('Query', { ...query, Limit: 1 });
  await execute('Scan', {});

  await until('three iterators are closed', () => closed.some(({ mock }) => mock.calls.length >= 3));
});
