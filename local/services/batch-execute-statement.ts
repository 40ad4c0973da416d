import { z } from 'zod';
import { parseStatement, type Statement, UnsupportedStatementError } from './partiql.ts';
import { type TableAnswer, type Tables, tableError } from './tables.ts';

const valueSchema = z.record(z.string(), z.unknown());
const inputSchema = z.object({
  Statements: z
    .array(
      z.object({
        Statement: z.string(),
        Parameters: z.array(valueSchema).default([]),
        ReturnValuesOnConditionCheckFailure: z.enum(['ALL_OLD', 'NONE']).optional(),
      }),
    )
    .default([]),
});
const describedSchema = z.object({ Table: z.object({ KeySchema: z.array(z.object({ AttributeName: z.string() })) }) });
const errorSchema = z.object({ __type: z.string(), message: z.string().optional(), Message: z.string().optional() });
const itemSchema = z.object({ Item: z.unknown().optional() });

type Value = z.output<typeof valueSchema>;
interface StatementAnswer {
  readonly TableName?: string;
  readonly Error?: { readonly Code: string; readonly Message: string; readonly Item?: unknown };
}

/**
 * Answers DynamoDB's BatchExecuteStatement for the two statements of {@link parseStatement}. It runs each as the equivalent conditional
 * PutItem or UpdateItem, all at the same time. dynalite has no PartiQL.
 *
 * test/integration/embedded-cloud/partiql-conformance.test.ts compares its answers with DynamoDB Local's. Two differences: an unsupported
 * statement and a repeated key refuse the whole request before anything is written.
 */
export async function batchExecuteStatement(tables: Tables, keys: TableKeys, input: unknown): Promise<TableAnswer> {
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) return tableError('ValidationException', z.prettifyError(parsed.error));
  const { Statements: requests } = parsed.data;
  if (requests.length === 0) return tableError('ValidationException', 'The statement was empty.');
  if (requests.length > 25) return tableError('ValidationException', 'BatchExecuteStatement cannot have more than 25 statements');
  try {
    const writes = await Promise.all(
      requests.map(async (request) => {
        const statement = parseStatement(request.Statement);
        const wantsItem = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
        return planWrite(statement, request.Parameters, await keys.of(statement.table), wantsItem);
      }),
    );
    const targets = writes.flatMap((write) => ('target' in write ? [write.target] : []));
    if (new Set(targets).size < targets.length) {
      return tableError('ValidationException', 'Provided list of item keys contains duplicates');
    }
    return { status: 200, body: { Responses: await Promise.all(writes.map((write) => execute(tables, write))) } };
  } catch (error) {
    if (error instanceof UnsupportedStatementError) return tableError('ValidationException', error.message);
    throw error;
  }
}

/** The partition keys of tables. A key cannot change while its table exists, so only missing tables are looked up again. */
export class TableKeys {
  readonly #tables: Tables;
  readonly #known = new Map<string, string>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async of(table: string): Promise<string | undefined> {
    const known = this.#known.get(table);
    if (known !== undefined) return known;
    const { status, body } = await this.#tables.execute('DescribeTable', { TableName: table });
    if (status !== 200) return undefined;
    const [partitionKey] = describedSchema.parse(body).Table.KeySchema;
    if (partitionKey !== undefined) this.#known.set(table, partitionKey.AttributeName);
    return partitionKey?.AttributeName;
  }

  forgetAll(): void {
    this.#known.clear();
  }
}

interface Write {
  readonly operation: 'PutItem' | 'UpdateItem';
  readonly table: string;
  readonly input: object;
  /** Table and key, to detect two statements for one item. */
  readonly target: string;
  readonly failureCode: 'DuplicateItem' | 'ConditionalCheckFailed';
  /** The key of the item to return after a failed condition, if the statement asks for it. */
  readonly returnedKey?: Record<string, Value>;
}

function planWrite(
  statement: Statement,
  parameters: readonly Value[],
  partitionKey: string | undefined,
  wantsItem: boolean,
): Write | { readonly answer: StatementAnswer } {
  const { table } = statement;
  if (partitionKey === undefined) return refused('ResourceNotFound', 'Cannot do operations on a non-existent table');
  const next = parameters.values();
  const value = (): Value => next.next().value ?? {};
  const needed = statement.kind === 'insert' ? statement.attributes.length : statement.set.length + 2;
  if (parameters.length < needed) return refused('ValidationError', "Number of parameters in request and statement don't match.");

  if (statement.kind === 'insert') {
    const item = Object.fromEntries(statement.attributes.map((attribute) => [attribute, value()]));
    const key = item[partitionKey];
    if (key === undefined) return refused('ValidationError', `Key attribute should be present in the item: Key ${partitionKey}`);
    return {
      operation: 'PutItem',
      table,
      target: JSON.stringify([table, key]),
      failureCode: 'DuplicateItem',
      input: {
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#k)',
        ExpressionAttributeNames: { '#k': partitionKey },
      },
    };
  }

  if (statement.key !== partitionKey) {
    return refused('ValidationError', 'Where clause does not contain a mandatory equality on all key attributes');
  }
  const names: Record<string, string> = { '#c': statement.condition };
  const values: Record<string, Value> = {};
  const sets = statement.set.map((attribute, index) => {
    names[`#s${index}`] = attribute;
    values[`:s${index}`] = value();
    return `#s${index} = :s${index}`;
  });
  const removes = statement.remove.map((attribute, index) => {
    names[`#r${index}`] = attribute;
    return `#r${index}`;
  });
  const key = value();
  values[':c'] = value();
  return {
    operation: 'UpdateItem',
    table,
    target: JSON.stringify([table, key]),
    failureCode: 'ConditionalCheckFailed',
    ...(wantsItem ? { returnedKey: { [partitionKey]: key } } : {}),
    input: {
      TableName: table,
      Key: { [partitionKey]: key },
      UpdateExpression: [sets.length > 0 ? `SET ${sets.join(', ')}` : '', removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '']
        .join(' ')
        .trim(),
      ConditionExpression: '#c = :c',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    },
  };
}

async function execute(tables: Tables, write: Write | { readonly answer: StatementAnswer }): Promise<StatementAnswer> {
  if ('answer' in write) return write.answer;
  const { status, body } = await tables.execute(write.operation, write.input);
  if (status === 200) return { TableName: write.table };
  const error = errorSchema.parse(body);
  if (!error.__type.endsWith('ConditionalCheckFailedException')) {
    const code = status >= 500 ? 'InternalServerError' : 'ValidationError';
    return { TableName: write.table, Error: { Code: code, Message: error.message ?? error.Message ?? error.__type } };
  }
  if (write.failureCode === 'DuplicateItem') {
    return { TableName: write.table, Error: { Code: write.failureCode, Message: 'Duplicate primary key exists in table' } };
  }
  const current =
    write.returnedKey === undefined
      ? undefined
      : await tables.execute('GetItem', { TableName: write.table, Key: write.returnedKey, ConsistentRead: true });
  const item = current?.status === 200 ? itemSchema.parse(current.body).Item : undefined;
  return {
    TableName: write.table,
    Error: { Code: write.failureCode, Message: 'The conditional request failed', ...(item === undefined ? {} : { Item: item }) },
  };
}

function refused(code: string, message: string): { readonly answer: StatementAnswer } {
  return { answer: { Error: { Code: code, Message: message } } };
}
