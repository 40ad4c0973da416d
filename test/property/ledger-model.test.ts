import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../events/ledger-record.ts';
import { DynamoDbLedger } from '../../functions/runtime/aws/dynamodb-ledger.ts';
import type { Ledger } from '../../functions/runtime/ports.ts';
import { DataHealth } from '../../local/services/data-health.ts';
import { listen, routeRequests } from '../../local/services/endpoint.ts';
import { Parameters } from '../../local/services/parameters.ts';
import { openQueuesAndBuckets, type QueuesAndBuckets } from '../../local/services/queues-and-buckets.ts';
import { openTables, type Tables } from '../../local/services/tables.ts';
import { until } from '../helpers/until.ts';
import { anyRecord } from './runtime/arbitraries.ts';

/** What the ledger is: the last record of each key. */
type Model = Map<string, LedgerRecord>;

/** The reference: a write applies if the current revision is the one that its writer read. */
function writeTo(model: Model, record: LedgerRecord, expectedRevision: string | undefined): 'written' | 'conflict' {
  if (model.get(record.messageKey)?.revision !== expectedRevision) return 'conflict';
  model.set(record.messageKey, record);
  return 'written';
}

/** The ledger under test, with keys of this run's own. */
interface Real {
  readonly ledger: Ledger;
  readonly run: number;
}

type Expectation = 'what stands' | 'nothing' | 'another';

class WriteCommand implements fc.AsyncCommand<Model, Real> {
  readonly #writes: readonly { readonly record: LedgerRecord; readonly expects: Expectation }[];

  constructor(writes: readonly { readonly record: LedgerRecord; readonly expects: Expectation }[]) {
    this.#writes = writes;
  }

  check = () => true;

  async run(model: Model, { ledger, run }: Real): Promise<void> {
    const writes = this.#writes.map(({ record: { messageKey, ...rest }, expects }) => {
      const record = { ...rest, messageKey: `${messageKey}.${run}` };
      const standing = model.get(record.messageKey)?.revision;
      return { record, expectedRevision: expects === 'what stands' ? standing : expects === 'nothing' ? undefined : 'another' };
    });
    const answers = await ledger.write(writes);
    expect(answers).toEqual(writes.map(({ record, expectedRevision }) => writeTo(model, record, expectedRevision)));
  }

  toString = () => `write(${this.#writes.map(({ record, expects }) => `${record.messageKey} over ${expects}`).join(', ')})`;
}

class ReadCommand implements fc.AsyncCommand<Model, Real> {
  readonly #keys: readonly string[];

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  check = () => true;

  async run(model: Model, { ledger, run }: Real): Promise<void> {
    const keys = this.#keys.map((key) => `${key}.${run}`);
    expect(await ledger.read(keys)).toEqual(keys.map((key) => model.get(key)));
  }

  toString = () => `read(${this.#keys.join(', ')})`;
}

const TABLE = 'ledger';
const KEYS = Array.from({ length: 30 }, (_, index) => `agent /source ${index}`);
const revisions = fc.uuid();
const expectations = fc.constantFrom<Expectation>('what stands', 'what stands', 'nothing', 'another');

/** An index key must not be empty, and those that are written never are. */
const records = fc.tuple(anyRecord, revisions).map(([{ journey, open, ...record }, revision]): LedgerRecord => {
  const keys = { ...(journey !== undefined && { journey: `${journey}#0` }), ...(open !== undefined && { open: `${open}#0` }) };
  return { ...record, revision, ...keys };
});

/** Few keys, so that they meet; sometimes as many as a request takes. */
const someKeys = fc.oneof(fc.subarray(KEYS.slice(0, 4), { minLength: 1 }), fc.subarray(KEYS, { minLength: 1, maxLength: 25 }));

const writeCommands = someKeys.chain((keys) =>
  fc
    .tuple(...keys.map((messageKey) => fc.record({ record: records.map((record) => ({ ...record, messageKey })), expects: expectations })))
    .map((writes) => new WriteCommand(writes)),
);
const readCommands = someKeys.map((keys) => new ReadCommand(keys));

describe('The ledger in a table', () => {
  let tables: Tables;
  let queues: QueuesAndBuckets;
  let client: DynamoDBClient;
  let close: () => void;

  beforeAll(async () => {
    const health = new DataHealth('memory', () => undefined);
    tables = await openTables({ region: 'eu-central-1', accountId: '000000000000' });
    const place = { endpoint: 'http://127.0.0.1', region: 'eu-central-1', accountId: '000000000000' };
    queues = await openQueuesAndBuckets({ endpoint: 'http://127.0.0.1', region: 'eu-central-1', health });
    const { server, endpoint } = await listen(0, routeRequests({ place, tables, stores: queues, parameters: new Parameters({ health }) }));
    await createTable(tables);
    close = () => server.close();
    client = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  });

  afterAll(async () => {
    client.destroy();
    close();
    await Promise.all([queues.close(), tables.close()]);
  });

  it('answers as a map with revisions does, whatever is written and read in whichever order', async () => {
    const ledger = new DynamoDbLedger(client, TABLE);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.commands([writeCommands, readCommands], { maxCommands: 20 }), async (commands) => {
        await fc.asyncModelRun(() => ({ model: new Map(), real: { ledger, run: run++ } }), commands);
      }),
      { numRuns: 60 },
    );
  });
});

/** As the state stack makes it. */
async function createTable(tables: Tables): Promise<void> {
  const { status, body } = await tables.execute('CreateTable', {
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'messageKey', AttributeType: 'S' },
      { AttributeName: 'journey', AttributeType: 'S' },
      { AttributeName: 'startedAt', AttributeType: 'N' },
      { AttributeName: 'open', AttributeType: 'S' },
      { AttributeName: 'since', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'messageKey', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      ...[
        ['by-journey', 'journey', 'startedAt'],
        ['by-open', 'open', 'since'],
      ].map(([IndexName, hash, range]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: hash, KeyType: 'HASH' },
          { AttributeName: range, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    ],
  });
  expect(status, JSON.stringify(body)).toBe(200);
  const isActive = async () => {
    const described = await tables.execute('DescribeTable', { TableName: TABLE });
    return JSON.stringify(described.body).includes('"TableStatus":"ACTIVE"');
  };
  await until('the table is active', isActive);
}
