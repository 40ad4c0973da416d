import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { dynaliteTables } from '../../../bench/stub/dynalite-tables.ts';
import { MemoryTables } from '../../../bench/stub/memory-tables.ts';
import { layouts, OFFERS_TABLE } from '../../../bench/stub/table-names.ts';
import type { Tables } from '../../../local/services/tables.ts';

// The stub's queries beside those of dynalite, which say what they consume.

const itemOf = (capability: string, nth: number) => ({
  capability: { S: capability },
  agent: { S: `agent-${String(nth).padStart(4, '0')}` },
  declared: { S: 'x'.repeat(nth % 800) },
  weight: { N: '100' },
});
const few = Array.from({ length: 30 }, (_, nth) => itemOf('few', nth));
const many = Array.from({ length: 3_000 }, (_, nth) => itemOf('many', nth));

let dynalite: Tables;
const memory = new MemoryTables(layouts);

beforeAll(async () => {
  dynalite = await dynaliteTables();
  for (const tables of [dynalite, memory])
    for (const Item of [...many, ...few].toReversed()) await tables.execute('PutItem', { TableName: OFFERS_TABLE, Item });
});
afterAll(() => dynalite?.close());

const pageSchema = z.object({
  Items: z.array(z.unknown()),
  LastEvaluatedKey: z.optional(z.unknown()),
  ConsumedCapacity: z.optional(z.object({ CapacityUnits: z.number() })),
});

async function pages(tables: Tables, query: object): Promise<readonly z.output<typeof pageSchema>[]> {
  const all: z.output<typeof pageSchema>[] = [];
  do {
    const LastEvaluatedKey = all.at(-1)?.LastEvaluatedKey;
    const next = LastEvaluatedKey === undefined ? {} : { ExclusiveStartKey: LastEvaluatedKey };
    const answer = await tables.execute('Query', { TableName: OFFERS_TABLE, ReturnConsumedCapacity: 'TOTAL', ...query, ...next });
    expect(answer).toMatchObject({ status: 200 });
    all.push(pageSchema.parse(answer.body));
  } while (all.at(-1)?.LastEvaluatedKey !== undefined);
  return all;
}

const ofCapability = (capability: string) => ({
  KeyConditionExpression: 'capability = :capability',
  ExpressionAttributeValues: { ':capability': { S: capability } },
});
const ofOne = {
  KeyConditionExpression: '#partition = :partition AND #sort = :sort',
  ExpressionAttributeNames: { '#partition': 'capability', '#sort': 'agent' },
  ExpressionAttributeValues: { ':partition': { S: 'few' }, ':sort': { S: 'agent-0007' } },
};

test.each<[string, object, number]>([
  ['of a capability', ofCapability('few'), few.length],
  ['that is consistent', { ...ofCapability('few'), ConsistentRead: true }, few.length],
  ['of one item', ofOne, 1],
])('a query %s has the items and the units of dynalite', async (_case, query, count) => {
  const before = memory.units.read;
  const [expected, answered] = [await pages(dynalite, query), await pages(memory, query)];

  expect(answered.map(({ Items }) => Items)).toEqual(expected.map(({ Items }) => Items));
  expect(answered.map(({ Items }) => Items.length)).toEqual([count]);
  expect(memory.units.read - before).toBe(expected[0]?.ConsumedCapacity?.CapacityUnits);
});

test('a query of more than a megabyte has several pages, in the order of the sort key, and each is billed', async () => {
  const before = memory.units.read;
  const [expected, answered] = [await pages(dynalite, ofCapability('many')), await pages(memory, ofCapability('many'))];

  expect(answered.flatMap(({ Items }) => Items)).toEqual(many);
  expect(answered).toHaveLength(2);
  // dynalite's pages are not quite as long, so each has its own half of a unit.
  const units = expected.reduce((sum, { ConsumedCapacity }) => sum + (ConsumedCapacity?.CapacityUnits ?? Number.NaN), 0);
  expect(Math.abs(memory.units.read - before - units)).toBeLessThanOrEqual(0.5);
});

test('a query that finds nothing is billed, and one with another condition is an error', async () => {
  const before = memory.units.read;

  expect(await pages(memory, ofCapability('none'))).toEqual([{ Items: [] }]);
  expect(memory.units.read - before).toBe(0.5);
  await expect(memory.execute('Query', { TableName: OFFERS_TABLE, KeyConditionExpression: 'capability > :c' })).rejects.toThrow(
    'not a condition of keys',
  );
});
