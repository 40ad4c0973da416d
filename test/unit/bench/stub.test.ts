import { describe, expect, test } from 'vitest';
import { holds } from '../../../bench/stub/condition.ts';
import { itemBytes, readUnits, writeUnits } from '../../../bench/stub/item-size.ts';
import { MemoryTables } from '../../../bench/stub/memory-tables.ts';

describe('the size of an item', () => {
  test.each([
    ['a string is its UTF-8 bytes and its name', { name: { S: 'né' } }, 4 + 3],
    ['a number is a byte for two digits and one more', { n: { N: '1795176000' } }, 1 + 5],
    ['a zero is one byte', { n: { N: '0' } }, 1 + 1],
    ['true is one byte', { b: { BOOL: true } }, 1 + 1],
    ['an empty list is three bytes', { l: { L: [] } }, 1 + 3],
    ['a map has a byte for each entry', { m: { M: { a: { S: 'xy' } } } }, 1 + 3 + 1 + 1 + 2],
  ])('%s', (_case, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  test('is billed by the begun KB when it is written, of the larger of before and after', () => {
    const item = (bytes: number) => ({ a: { S: 'x'.repeat(bytes - 1) } });

    expect([1_024, 1_025].map((bytes) => writeUnits(undefined, item(bytes)))).toEqual([1, 2]);
    expect(writeUnits(item(3_000), item(10))).toBe(3);
  });

  test('is billed by the begun 4 KB when it is read, and an item that is not there is one unit', () => {
    expect(readUnits({ a: { S: 'x'.repeat(5_000) } })).toBe(2);
    expect(readUnits(undefined)).toBe(1);
  });
});

describe('a condition', () => {
  const expressions = { names: { '#id': 'id', '#t': 'until', '#s': 'state' }, values: { ':now': { N: '10' }, ':s': { S: 'busy' } } };
  const condition = 'attribute_not_exists(#id) OR #t < :now OR (#s = :s AND attribute_exists(#id) AND #t < :now)';

  test.each([
    ['no item', undefined, true],
    ['an item that is over', { id: { S: '1' }, until: { N: '9' } }, true],
    ['an item that is not', { id: { S: '1' }, until: { N: '11' }, state: { S: 'busy' } }, false],
  ])('%s', (_case, item, expected) => {
    expect(holds(condition, item, expressions)).toBe(expected);
  });

  test('that is not understood is an error', () => {
    expect(() => holds('size(#id) > :now', {}, expressions)).toThrow(/not a condition/);
  });
});

describe('a table', () => {
  const tables = () =>
    new MemoryTables({ t: { partitionKey: 'id', indexes: [{ name: 'by-trace', keys: ['trace'], included: ['note'] }] } });
  const put = (id: string, rest: object = {}) => ({
    TableName: 't',
    Item: { id: { S: id }, ...rest },
    ConditionExpression: 'attribute_not_exists(#k)',
    ExpressionAttributeNames: { '#k': 'id' },
  });
  const read = async (table: MemoryTables, id: string) => (await table.execute('GetItem', { TableName: 't', Key: { id: { S: id } } })).body;

  test('takes an item once where it must not exist, and bills the refused write too', async () => {
    const table = tables();

    const answers = [await table.execute('PutItem', put('1')), await table.execute('PutItem', put('1', { note: { S: 'second' } }))];

    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(await read(table, '1')).toEqual({ Item: { id: { S: '1' } } });
    expect(table.units.write).toBe(2);
  });

  test('bills the index only for items that are in it', async () => {
    const table = tables();

    await table.execute('PutItem', put('1'));
    await table.execute('PutItem', put('2', { trace: { S: 'abc' } }));

    expect(table.units.write).toBe(1 + 2);
  });

  test('bills an index for the entry that a change of its key removes and for the one that it adds', async () => {
    const table = tables();
    await table.execute('PutItem', put('1', { trace: { S: 'abc' } }));
    const before = table.units.write;

    const change = (expression: string, value: string) => ({
      TableName: 't',
      Key: { id: { S: '1' } },
      UpdateExpression: expression,
      ExpressionAttributeNames: { '#a': 'trace', '#b': 'other' },
      ExpressionAttributeValues: { ':a': { S: value } },
    });
    await table.execute('UpdateItem', change('SET #b = :a', 'elsewhere'));
    await table.execute('UpdateItem', change('SET #a = :a', 'def'));

    expect(table.units.write - before).toBe(1 + 3);
  });

  test('sets and removes attributes', async () => {
    const table = tables();
    await table.execute('PutItem', put('1', { old: { S: 'x' } }));

    await table.execute('UpdateItem', {
      TableName: 't',
      Key: { id: { S: '1' } },
      UpdateExpression: 'SET #a = :a, #b = :b REMOVE #old',
      ExpressionAttributeNames: { '#a': 'a', '#b': 'b', '#old': 'old' },
      ExpressionAttributeValues: { ':a': { S: '1' }, ':b': { N: '2' } },
    });

    expect(await read(table, '1')).toEqual({ Item: { id: { S: '1' }, a: { S: '1' }, b: { N: '2' } } });
  });
});
