import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ListTablesCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { until } from '../../helpers/until.ts';

export const TABLE = 'conformance-ledger';

const record: Record<string, AttributeValue> = {
  messageKey: { S: 'agent source 1' },
  revision: { S: 'r1' },
  text: { S: 'ü "quoted" \'single\'' },
  generation: { N: '1.50' },
  flag: { BOOL: true },
  nothing: { NULL: true },
  attempts: { L: [{ S: 'a' }, { N: '2' }, { M: { at: { S: 'now' } } }] },
  claim: { M: { owner: { S: 'x' }, nested: { L: [] } } },
};

function insert(key: string, attributes: Record<string, AttributeValue> = record, table = TABLE): BatchStatementRequest {
  const item = { ...attributes, messageKey: { S: key } };
  const names = Object.keys(item).map((name) => `'${name}': ?`);
  return { Statement: `INSERT INTO "${table}" VALUE {${names.join(', ')}}`, Parameters: Object.values(item) };
}

function update(key: string, revision: string, table = TABLE): BatchStatementRequest {
  return {
    Statement: `UPDATE "${table}" SET "revision"=? SET "outcome"=? SET "attempts"=? REMOVE "claim" REMOVE "absent" WHERE "messageKey"=? AND "revision"=?`,
    Parameters: [{ S: 'r2' }, { S: 'processed' }, { L: [] }, { S: key }, { S: revision }],
  };
}

const done = { TableName: TABLE };
const duplicate = { TableName: TABLE, Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' } };
const conflict = { TableName: TABLE, Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' } };
const stored: Record<string, AttributeValue> = { ...record, generation: { N: '1.5' } };
const { claim, ...unclaimed } = stored;
const updated = { ...unclaimed, revision: { S: 'r2' }, outcome: { S: 'processed' }, attempts: { L: [] } };

/** What DynamoDB answers, by case: `given` is stored first; `answer` and the item under each key are what `statements` come to. */
const CASES = [
  { name: 'insert of a new item', given: [], statements: [insert('k1')], answer: [done], items: { k1: stored } },
  {
    name: 'insert of an item that exists',
    given: [insert('k1')],
    statements: [insert('k1', {})],
    answer: [duplicate],
    items: { k1: stored },
  },
  { name: 'update of the right revision', given: [insert('k1')], statements: [update('k1', 'r1')], answer: [done], items: { k1: updated } },
  {
    name: 'update of a wrong revision',
    given: [insert('k1')],
    statements: [update('k1', 'r0')],
    answer: [conflict],
    items: { k1: stored },
  },
  { name: 'update of an absent item', given: [], statements: [update('k1', 'r1')], answer: [conflict], items: {} },
  {
    name: 'update of a wrong revision that asks for the item',
    given: [insert('k1')],
    statements: [{ ...update('k1', 'r0'), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }],
    answer: [{ ...conflict, Error: { ...conflict.Error, Item: { ...stored, messageKey: { S: 'k1' } } } }],
    items: { k1: stored },
  },
  {
    name: 'a mixed batch, each statement for itself',
    given: [insert('k1'), insert('k2')],
    statements: [insert('k1'), update('k2', 'r1'), insert('k3'), update('k4', 'r1')],
    answer: [duplicate, done, done, conflict],
    items: { k1: stored, k2: updated, k3: stored },
  },
  {
    name: 'a table that does not exist',
    given: [],
    statements: [insert('k1', record, 'no-such-table'), insert('k2')],
    answer: [{ Error: { Code: 'ResourceNotFound', Message: 'Cannot do operations on a non-existent table' } }, done],
    items: { k2: stored },
  },
  {
    name: 'too few parameters',
    given: [],
    statements: [{ ...insert('k1'), Parameters: [{ S: 'k1' }] }],
    answer: [{ Error: { Code: 'ValidationError', Message: "Number of parameters in request and statement don't match." } }],
    items: {},
  },
  {
    name: 'an insert without the key',
    given: [],
    statements: [{ Statement: `INSERT INTO "${TABLE}" VALUE {'revision': ?}`, Parameters: [{ S: 'r' }] }],
    answer: [{ Error: { Code: 'ValidationError', Message: 'Key attribute should be present in the item: Key messageKey' } }],
    items: {},
  },
  {
    name: 'an update that does not name the key',
    given: [],
    statements: [
      { Statement: `UPDATE "${TABLE}" SET "a"=? WHERE "revision"=? AND "a"=?`, Parameters: [{ S: '1' }, { S: '2' }, { S: '3' }] },
    ],
    answer: [{ Error: { Code: 'ValidationError', Message: 'Where clause does not contain a mandatory equality on all key attributes' } }],
    items: {},
  },
];

const REFUSED = [
  {
    name: 'the same key inserted twice',
    statements: [insert('k1'), insert('k1')],
    message: 'Provided list of item keys contains duplicates',
  },
  {
    name: 'an insert and an update of one key',
    statements: [insert('k1'), update('k1', 'r1')],
    message: 'Provided list of item keys contains duplicates',
  },
  { name: 'no statement', statements: [], message: 'The statement was empty.' },
  { name: '26 statements', statements: Array.from({ length: 26 }, (_, index) => insert(`k${index}`)), message: '25' },
];

/** The tests of BatchExecuteStatement, of whatever `client` is for. */
export function conformance(client: () => DynamoDBClient): void {
  beforeEach(async () => {
    const { TableNames = [] } = await client().send(new ListTablesCommand({}));
    if (TableNames.includes(TABLE)) await client().send(new DeleteTableCommand({ TableName: TABLE }));
    await until('the table is gone', async () => !(await client().send(new ListTablesCommand({}))).TableNames?.includes(TABLE));
    await client().send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'messageKey', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'messageKey', AttributeType: 'S' }],
      }),
    );
    const isActive = async () => (await client().send(new DescribeTableCommand({ TableName: TABLE }))).Table?.TableStatus === 'ACTIVE';
    await until('the table can be used', isActive);
  });

  test.each(CASES)('$name', async ({ given, statements, answer, items }) => {
    if (given.length > 0) await client().send(new BatchExecuteStatementCommand({ Statements: given }));

    const { Responses } = await client().send(new BatchExecuteStatementCommand({ Statements: statements }));

    expect(Responses).toEqual(answer);
    const { Items = [] } = await client().send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
    const expected = Object.entries(items).map(([key, item]) => [key, { ...item, messageKey: { S: key } }]);
    expect(Object.fromEntries(Items.map((item) => [item.messageKey?.S, item]))).toEqual(Object.fromEntries(expected));
  });

  test.each(REFUSED)('refuses $name', async ({ statements, message }) => {
    const request = client().send(new BatchExecuteStatementCommand({ Statements: statements }));

    await expect(request).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });
}
