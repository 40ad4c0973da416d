import type { RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { MeshClient } from '../../../client/index.ts';
import { totalsOf } from '../../../events/metrics-record.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

const DENIED = { __type: 'AccessDeniedException', Message: 'no' };
const NO_TABLE = { __type: 'ResourceNotFoundException', Message: 'no table' };
const NONE = { visible: 0, inFlight: 0, delayed: 0 };

/** Three minutes of snapshots, newest first; the agent is paused. */
const SNAPSHOTS = [0, 60_000, 120_000].map((ago) => ({
  ...{ agent: 'sum', version: '1.0.0', at: Date.now() - ago, concurrency: 1, shards: 1, totals: totalsOf([{ n: 7 }]), isPaused: true },
  own: { counters: {}, timers: {}, overflow: 0 },
  queues: { inbox: { ...NONE, visible: ago === 120_000 ? 0 : 4 }, errors: NONE, deadLetters: NONE },
}));

const mapping = { UUID: 'u', State: 'Enabled', EventSourceArn: 'arn:aws:sqs:eu-central-1:0:posthorn-dev-sum-inbox' };

interface World {
  readonly visible?: number;
  readonly mappings?: object;
  /** @default the snapshots */
  readonly query?: object;
}

/** A mesh with the agent `sum`, and the inputs of the queries of its table of metrics. */
async function meshOf({ visible = 4, mappings = { EventSourceMappings: [mapping] }, query }: World) {
  const queries: unknown[] = [];
  const items = SNAPSHOTS.map((snapshot) => marshall({ value: JSON.stringify(snapshot) }));
  const answer = async (target: string, input: unknown): Promise<object> => {
    if (target.endsWith('GetQueueUrl')) return { QueueUrl: 'http://queue' };
    if (target.endsWith('GetQueueAttributes'))
      return { Attributes: { ApproximateNumberOfMessages: String(visible), ApproximateNumberOfMessagesNotVisible: '1' } };
    if (!target.endsWith('Query')) return mappings;
    queries.push(input);
    return query ?? { Items: items };
  };
  const listener: RequestListener = async (request, response) => {
    const input = request.method === 'GET' ? undefined : await json(request);
    const body = await answer(String(request.headers['x-amz-target']), input);
    response.writeHead('__type' in body ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const mesh = new MeshClient({ endpoint: await startAws(listener) });
  onTestFinished(() => mesh[Symbol.asyncDispose]());
  return { inbox: await mesh.inbox('sum'), queries };
}

test('the inbox has its depth, and since when its oldest message waits, by one query', async () => {
  const { inbox, queries } = await meshOf({});

  expect(inbox).toEqual({
    ...{ agent: 'sum', visible: 4, inFlight: 1, delayed: 0, isPaused: false, waitingSince: SNAPSHOTS[1]?.at, receivedSince: 0 },
  });
  expect(queries).toHaveLength(1);
  expect(z.parse(z.object({ ScanIndexForward: z.boolean(), TableName: z.string() }), queries[0])).toEqual({
    ...{ ScanIndexForward: false, TableName: 'posthorn-dev-metrics' },
  });
});

test('where nothing waits, no snapshot is asked for', async () => {
  const { inbox, queries } = await meshOf({ visible: 0 });

  expect([inbox.waitingSince, inbox.isPaused, queries]).toEqual([undefined, false, []]);
});

test('a client that may not see the mapping knows from the snapshot whether the agent is paused', async () => {
  expect((await meshOf({ mappings: DENIED })).inbox.isPaused).toBe(true);
});

test.each([
  [DENIED, "AWS denies dynamodb:Query on the table 'posthorn-dev-metrics'"],
  [NO_TABLE, "there is no table 'posthorn-dev-metrics' at "],
  [{ Items: [] }, 'there is no snapshot of the agent yet'],
])('without snapshots the rest is known, and why the age is not: %o', async (query, problem) => {
  const { inbox } = await meshOf({ query });

  expect(inbox).toMatchObject({ visible: 4, isPaused: false, snapshotsProblem: expect.stringContaining(problem) });
  expect(inbox.waitingSince).toBeUndefined();
});
