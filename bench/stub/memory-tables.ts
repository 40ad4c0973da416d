import * as z from 'zod';
import { type TableAnswer, type Tables, tableError } from '../../local/services/tables.ts';
import { holds } from './condition.ts';
import { type Item, readUnits, writeUnits } from './item-size.ts';
import { queryPage } from './query-page.ts';

/** A table and its indexes. */
export interface TableLayout {
  readonly partitionKey: string;
  /** @default none */
  readonly sortKey?: string;
  /** @default none */
  readonly indexes?: readonly IndexLayout[];
}

/** An index holds the items that have all of `keys`, with those attributes and `included`. */
export interface IndexLayout {
  readonly name: string;
  readonly keys: readonly string[];
  readonly included: readonly string[];
}

const item = z.record(z.string(), z.unknown());
const expressions = {
  ConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: item.default({}),
};
const putSchema = z.object({ TableName: z.string(), Item: item, ...expressions });
const updateSchema = z.object({ TableName: z.string(), Key: item, UpdateExpression: z.string(), ...expressions });
const keySchema = z.object({ TableName: z.string(), Key: item });
const querySchema = z.object({
  TableName: z.string(),
  KeyConditionExpression: z.string(),
  ExclusiveStartKey: item.optional(),
  ConsistentRead: z.boolean().default(false),
  ...expressions,
});
const batchGetSchema = z.object({ RequestItems: z.record(z.string(), z.object({ Keys: z.array(item) })) });

/** Tables in memory with the operations of the two contestants. They answer as DynamoDB does, with the units that it would bill. */
export class MemoryTables implements Tables {
  readonly units = { write: 0, read: 0 };
  readonly #layouts: Readonly<Record<string, TableLayout>>;
  /** By table, the value of the partition key, and that of the sort key. */
  readonly #items = new Map<string, Map<string, Map<string, Item>>>();

  constructor(layouts: Readonly<Record<string, TableLayout>>) {
    this.#layouts = layouts;
    for (const name of Object.keys(layouts)) this.#items.set(name, new Map());
  }

  async execute(operation: string, input: unknown): Promise<TableAnswer> {
    switch (operation) {
      case 'DescribeTable': {
        const { partitionKey } = this.#layout(z.object({ TableName: z.string() }).parse(input).TableName);
        return { status: 200, body: { Table: { KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }] } } };
      }
      case 'PutItem': {
        const put = putSchema.parse(input);
        return this.#write(put.TableName, put.Item, put, () => put.Item);
      }
      case 'UpdateItem': {
        const update = updateSchema.parse(input);
        return this.#write(update.TableName, update.Key, update, (before) => updated({ ...before, ...update.Key }, update));
      }
      case 'DeleteItem': {
        const { TableName, Key } = keySchema.parse(input);
        return this.#write(TableName, Key, { ExpressionAttributeNames: {}, ExpressionAttributeValues: {} }, () => undefined);
      }
      case 'GetItem': {
        const { TableName, Key } = keySchema.parse(input);
        const found = this.#read(TableName, Key);
        return { status: 200, body: found ? { Item: found } : {} };
      }
      case 'Query':
        return { status: 200, body: this.#query(querySchema.parse(input)) };
      case 'BatchGetItem': {
        const answers = Object.entries(batchGetSchema.parse(input).RequestItems).map(([table, { Keys }]) => [
          table,
          Keys.flatMap((key) => this.#read(table, key) ?? []),
        ]);
        return { status: 200, body: { Responses: Object.fromEntries(answers), UnprocessedKeys: {} } };
      }
      default:
        return tableError('UnknownOperationException', operation);
    }
  }

  async close(): Promise<void> {
    this.#items.clear();
  }

  #layout(table: string): TableLayout {
    const layout = this.#layouts[table];
    if (layout === undefined) throw new Error(`there is no table '${table}'`);
    return layout;
  }

  #slot(table: string, source: Item): { readonly items: Map<string, Item>; readonly key: string } {
    const { sortKey } = this.#layout(table);
    return { items: this.#partition(table, source), key: sortKey === undefined ? '' : textOf(source[sortKey]) };
  }

  #partition(table: string, source: Item): Map<string, Item> {
    const partitions = this.#items.get(table);
    const value = source[this.#layout(table).partitionKey];
    if (partitions === undefined || value === undefined) throw new Error(`'${table}' needs its partition key`);
    const partition = partitions.get(textOf(value)) ?? new Map<string, Item>();
    partitions.set(textOf(value), partition);
    return partition;
  }

  #query({ TableName, KeyConditionExpression, ExclusiveStartKey, ConsistentRead, ...expressions }: z.output<typeof querySchema>): object {
    const { partitionKey, sortKey } = this.#layout(TableName);
    const key = keyIn(KeyConditionExpression, expressions);
    const sort = sortKey === undefined ? undefined : key[sortKey];
    const partition = this.#partition(TableName, key);
    const { items, last, units } = queryPage([...partition.values()], {
      sortKey,
      sort,
      after: ExclusiveStartKey,
      isConsistent: ConsistentRead,
    });
    this.units.read += units;
    const names = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
    const LastEvaluatedKey = last && Object.fromEntries(names.map((name) => [name, last[name]]));
    return { Items: items, Count: items.length, ScannedCount: items.length, ...(LastEvaluatedKey && { LastEvaluatedKey }) };
  }

  #read(table: string, source: Item): Item | undefined {
    const { items, key } = this.#slot(table, source);
    const found = items.get(key);
    this.units.read += readUnits(found);
    return found;
  }

  #write(
    table: string,
    source: Item,
    write: z.output<z.ZodObject<typeof expressions>>,
    change: (before: Item | undefined) => Item | undefined,
  ): TableAnswer {
    const { items, key } = this.#slot(table, source);
    const before = items.get(key);
    // A failed conditional write is billed like a successful one.
    if (!holds(write.ConditionExpression, before, { names: write.ExpressionAttributeNames, values: write.ExpressionAttributeValues })) {
      this.units.write += writeUnits(before, undefined);
      return tableError('ConditionalCheckFailedException', 'The conditional request failed');
    }
    const after = change(before);
    if (after === undefined) items.delete(key);
    else items.set(key, after);
    this.units.write += writeUnits(before, after) + this.#indexUnits(table, before, after);
    return { status: 200, body: {} };
  }

  /** An index is written when its attributes of the item change. */
  #indexUnits(table: string, before: Item | undefined, after: Item | undefined): number {
    const { indexes = [], partitionKey } = this.#layout(table);
    return indexes.reduce((sum, index) => sum + this.#unitsOf(index, partitionKey, before, after), 0);
  }

  #unitsOf(index: IndexLayout, partitionKey: string, before: Item | undefined, after: Item | undefined): number {
    const projected = (whole: Item | undefined) => {
      if (whole === undefined || index.keys.some((name) => whole[name] === undefined)) return undefined;
      const names = new Set([partitionKey, ...index.keys, ...index.included]);
      return Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)));
    };
    const [old, now] = [projected(before), projected(after)];
    if (JSON.stringify(old) === JSON.stringify(now)) return 0;
    const isMoved =
      old !== undefined && now !== undefined && index.keys.some((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
    // Another key is a deletion and an insertion.
    return isMoved ? writeUnits(old, undefined) + writeUnits(undefined, now) : writeUnits(old, now);
  }
}

const textOf = (value: unknown): string => z.object({ S: z.string() }).parse(value).S;

/** @throws Error for a condition that is not of equalities */
function keyIn(
  condition: string,
  { ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Pick<z.output<typeof querySchema>, keyof typeof expressions>,
): Item {
  const clauses = condition.split(' AND ').map((clause) => {
    const [, name = '', value = ''] = /^(#?\w+) = (:\w+)$/.exec(clause) ?? [];
    if (name === '') throw new Error(`not a condition of keys that is understood here: ${clause}`);
    return [names[name] ?? name, values[value]];
  });
  return Object.fromEntries(clauses);
}

const numberOf = (value: unknown): number => (value === undefined ? 0 : Number(z.object({ N: z.string() }).parse(value).N));

function updated(before: Item, update: z.output<typeof updateSchema>): Item {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = update;
  const [, sets = '', adds = '', removes = ''] = /^(?:SET (.*?))?\s*(?:ADD (.*?))?\s*(?:REMOVE (.*))?$/.exec(update.UpdateExpression) ?? [];
  const after: Record<string, unknown> = { ...before };
  for (const [, name = '', value = ''] of sets.matchAll(/(#?\w+) = (:\w+)/g)) after[names[name] ?? name] = values[value];
  for (const [, name = '', value = ''] of adds.matchAll(/(#?\w+) (:\w+)/g)) {
    const attribute = names[name] ?? name;
    after[attribute] = { N: String(numberOf(after[attribute]) + numberOf(values[value])) };
  }
  for (const [name] of removes.matchAll(/#\w+/g)) delete after[names[name] ?? name];
  return after;
}
