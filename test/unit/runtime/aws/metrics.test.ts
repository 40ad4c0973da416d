import { text } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MetricsEntry } from '../../../../events/metrics-record.ts';
import { MAX_OWN_NAMES } from '../../../../events/own-metrics-record.ts';
import { DynamoDbMetrics } from '../../../../functions/runtime/aws/dynamodb-metrics.ts';
import { MetricsRecorder, MetricsRefusedError } from '../../../../functions/runtime/metrics/metrics-recorder.ts';
import { openTables } from '../../../../local/services/tables.ts';
import { ManualClock } from '../../../helpers/memory-ports.ts';
import { until } from '../../../helpers/until.ts';
import { startAws } from './local-aws.ts';

const AGENT = { id: 'testing', concurrency: 1 };
const TABLE = 'metrics';

interface Update {
  readonly ConditionExpression?: string;
  readonly UpdateExpression: string;
  readonly Key: { readonly entry: { readonly S: string } };
}

/** The table of metrics on dynalite. Processes of the agent add to its one shard. */
async function startTable() {
  const tables = await openTables({ region: 'eu-central-1', accountId: '000000000000' });
  const requests: string[] = [];
  const faults: { refuse?: ((update: Update) => string | undefined) | undefined } = {};
  const endpoint = await startAws(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = JSON.parse(await text(request));
    const error = operation === 'UpdateItem' ? faults.refuse?.(body) : undefined;
    if (operation === 'UpdateItem') requests.push(operation);
    const answer = error === undefined ? await tables.execute(operation, body) : { status: 400, body: { __type: error } };
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer.body));
  });
  const client = new DynamoDBClient({ endpoint });
  onTestFinished(async () => {
    client.destroy();
    await tables.close();
  });
  await tables.execute('CreateTable', {
    TableName: TABLE,
    AttributeDefinitions: ['series', 'entry'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'series', KeyType: 'HASH' },
      { AttributeName: 'entry', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await until('the table is there', async () =>
    JSON.stringify(await tables.execute('DescribeTable', { TableName: TABLE })).includes('ACTIVE'),
  );
  const adapter = () => new DynamoDbMetrics(client, TABLE, AGENT, { clock: { now: () => 1 }, entropy: { fraction: () => 0 } });
  const item = async (entry: MetricsEntry) => {
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: TABLE, Key: { series: { S: 'testing#0' }, entry: { S: entry } } }),
    );
    return unmarshall(Item, { wrapNumbers: Number });
  };
  const startProcess = () => {
    const warnings: unknown[] = [];
    const logger = { warn: (...line: unknown[]) => void warnings.push(line) };
    const recorder = new MetricsRecorder({ clock: new ManualClock(), logger, metrics: adapter() });
    return {
      warnings,
      /** An invocation that counts these names. @returns its requests */
      async invoke(...counted: readonly (string | readonly [string, number])[]) {
        const before = requests.length;
        for (const of of counted) recorder.own.count(...(typeof of === 'string' ? ([of, 1] as const) : of));
        await recorder.begin(0, Number.POSITIVE_INFINITY).end();
        return requests.length - before;
      },
    };
  };
  return { adapter, item, startProcess, faults };
}

const names = (part: string, count = MAX_OWN_NAMES) => Array.from({ length: count }, (_, index) => `${part} ${index}`);

describe("A shard of an agent's own metrics", () => {
  it('has fifty names at most, however many processes add to it; the others are overflow', async () => {
    const { item, startProcess } = await startTable();
    const processes = ['a', 'b', 'c', 'd', 'e', 'f'].map((part) => ({ part, process: startProcess() }));

    for (const { part, process } of processes) await process.invoke(...names(part), 'common');

    const { overflow, ...own } = await item('own');
    expect(
      Object.keys(own)
        .filter((name) => name.startsWith('c '))
        .toSorted(),
    ).toEqual(names('c a').toSorted());
    expect(overflow).toBe(1 + 5 * 51);
  });

  it('holds when processes start together', async () => {
    const { item, startProcess } = await startTable();

    await Promise.all(['a', 'b', 'c', 'd'].map((part) => startProcess().invoke(...names(part, 20))));

    const attributes = Object.keys(await item('own')).filter((name) => name.startsWith('c '));
    expect(attributes.length).toBeGreaterThan(0);
    expect(attributes.length).toBeLessThanOrEqual(MAX_OWN_NAMES);
  });

  it('takes one request a write from processes that use the same names, also when it is full', async () => {
    const { item, startProcess } = await startTable();
    const [first, second] = [startProcess(), startProcess()];

    const requests = [
      await first.invoke(...names('a')),
      await second.invoke(...names('a')),
      await second.invoke('a 1'),
      await first.invoke('a 1'),
    ];

    expect(requests).toEqual([2, 2, 2, 2]); // the totals and these
    expect((await item('own'))['c a 1']).toBe(4);
  });

  it('goes on taking the names that it has from a process that also has others, which asks about them once', async () => {
    const { item, startProcess } = await startTable();
    await startProcess().invoke(...names('a', 49), 'orders');
    const other = startProcess();

    const requests = [
      await other.invoke('orders', 'b', 'c'),
      await other.invoke('orders', 'b', 'd'),
      await other.invoke('orders', 'b', 'b'),
    ];

    expect(requests).toEqual([4, 2, 2]);
    expect(await item('own')).toMatchObject({ 'c orders': 4, overflow: 2 + 2 + 2 });
    expect(other.warnings).toHaveLength(3);
  });

  it('has room for new names until it is full', async () => {
    const { item, startProcess } = await startTable();
    await startProcess().invoke(...names('a', 48));
    await startProcess().invoke('a 0', 'b', 'c', 'd');

    const { overflow, ...own } = await item('own');
    expect([overflow, Object.keys(own).filter((name) => name.startsWith('c ')).length]).toEqual([1, 50]);
    expect(own).toMatchObject({ 'c a 0': 2, 'c b': 1, 'c c': 1 });
  });

  it('loses nothing when it is asked for its names in vain', async () => {
    const { item, startProcess, faults } = await startTable();
    await startProcess().invoke(...names('a'));
    const other = startProcess();
    faults.refuse = ({ UpdateExpression }) => (UpdateExpression.includes('ADD') ? undefined : 'ThrottlingException');

    await other.invoke('a 1', 'b');
    expect((await item('own'))['c a 1']).toBe(1);
    faults.refuse = undefined;
    await other.invoke('a 1');

    expect(await item('own')).toMatchObject({ 'c a 1': 3, overflow: 1 });
    expect((await item('totals')).l).toBeUndefined();
  });
});

describe('A write of metrics', () => {
  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'ResourceNotFoundException', 'AccessDeniedException'])(
    'that DynamoDB refuses with %s may succeed later',
    async (error) => {
      const { adapter, faults } = await startTable();
      faults.refuse = () => error;

      await expect(adapter().add('totals', new Map([['p', 1]]))).rejects.toThrow(MetricsRefusedError);
    },
  );

  it.each([
    ['a number that is too large', 1e200],
    ['a number that is too small', 1e-200],
  ])('that DynamoDB refuses as invalid is not tried again: %s', async (_case, value) => {
    const { adapter } = await startTable();

    const refused = await adapter()
      .add('own', new Map([['c a', value]]))
      .catch((error: unknown) => error);

    expect(refused).toMatchObject({ name: 'ValidationException' });
    expect(refused).not.toBeInstanceOf(MetricsRefusedError);
  });

  it('that an agent gives odd numbers keeps no other from being written', async () => {
    const { item, startProcess } = await startTable();
    const process = startProcess();

    await process.invoke('orders', ['odd', 1e200], ['odd', Number.MIN_VALUE], ['most', Number.MAX_SAFE_INTEGER], ['part', 1 / 3]);
    await process.invoke('orders', ['most', Number.MAX_SAFE_INTEGER], ['part', 1 / 3]);

    expect(await item('own')).toMatchObject({ 'c orders': 2, 'c part': 0.666666666 });
    expect((await item('totals')).l).toBeUndefined();
    expect(process.warnings).toHaveLength(1);
  });
});
