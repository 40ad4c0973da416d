import { expect, onTestFinished, test } from 'vitest';
import { AwsClients } from '../../../../client/aws-clients.ts';
import { LoadUnreadableError } from '../../../../client/index.ts';
import { readLoad } from '../../../../client/producer/read-load.ts';
import type { LoadReading } from '../../../../events/load-reading.ts';
import { totalsOf } from '../../../../events/metrics-record.ts';
import { meshName } from '../../../../events/names.ts';
import type { Snapshot } from '../../../../events/snapshot.ts';
import { startAws } from '../../runtime/aws/local-aws.ts';

const READING: LoadReading = {
  ...{ at: 120_000, intervalSeconds: 60, backlog: 8, drainPerSecond: 2, arrivedPerSecond: 3, capacityPerSecond: 4, busyShare: 0.5 },
  ...{ goalSeconds: 10, isStalled: false, brakedSince: 60_000, downstream: { agent: 'b', pressure: 2, goalSeconds: 10, drainRatio: 0.5 } },
  busiestDownstream: 0.25,
};

const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };

const snapshotAt = (at: number, visible: number, processed: number): Snapshot => ({
  ...{ agent: 'one', version: '1.0.0', at, intervalSeconds: 60, concurrency: 10, shards: 1 },
  totals: totalsOf([{ p: processed, n: processed, b: processed * 100 }]),
  own: { counters: {}, timers: {}, models: {}, overflow: 0 },
  queues: { inbox: { ...EMPTY, visible }, errors: EMPTY, deadLetters: EMPTY },
});

/** Reads the load from a DynamoDB that answers so. */
async function loadFrom(status: number, body: object): Promise<LoadReading | undefined> {
  const endpoint = await startAws((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  const aws = new AwsClients({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  onTestFinished(() => aws.destroy());
  return readLoad(aws, meshName(), 'one');
}

const answerOf = (latest: object) => ({ Items: [{ value: { S: JSON.stringify(latest) } }] });

test('is what the probe has published, and nothing of an agent that it has not seen', async () => {
  expect(await loadFrom(200, answerOf({ now: snapshotAt(120_000, 8, 120), load: READING }))).toEqual(READING);
  expect(await loadFrom(200, { Items: [] })).toBeUndefined();
});

test('is made of the snapshots where the probe is of an older version, with the default goal', async () => {
  const old = { now: snapshotAt(120_000, 60, 240), before: snapshotAt(60_000, 0, 120) };

  expect(await loadFrom(200, answerOf(old))).toEqual({
    ...{ at: 120_000, intervalSeconds: 60, backlog: 60, drainPerSecond: 2, arrivedPerSecond: 3, capacityPerSecond: 100 },
    ...{ busyShare: 0.02, goalSeconds: 30, isStalled: false },
  });
});

test.each([
  ['of another form', { load: 5 }],
  ['with a goal that is none', { load: { ...READING, goalSeconds: 0 } }],
  ['with a rate below 0', { load: { ...READING, drainPerSecond: -1 } }],
])('that is %s hides no snapshot: the reading is made of those', async (_case, rest) => {
  const latest = { now: snapshotAt(120_000, 60, 240), before: snapshotAt(60_000, 0, 120), ...rest };

  expect(await loadFrom(200, answerOf(latest))).toMatchObject({ at: 120_000, drainPerSecond: 2, goalSeconds: 30 });
});

test.each([
  ['AccessDeniedException', /^Allow dynamodb:Query on it, with the key '#latest' alone if you like\. Or choose a rate yourself/],
  [
    'ResourceNotFoundException',
    /^Deploy the stacks of this version, or check stage, prefix, region and endpoint\. Or choose a rate yourself/,
  ],
  ['ValidationException', /^Look at what is wrong with the table\. Or choose a rate yourself/],
])('that cannot be read is an error with its cause and a remedy: %s', async (__type, remedy) => {
  const error = await loadFrom(400, { __type, message: 'no' }).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(LoadUnreadableError);
  expect(error).toMatchObject({ code: 'LoadUnreadable', remedy: expect.stringMatching(remedy), cause: expect.any(Error) });
  expect(String(error)).toContain("the load of 'one' cannot be read from the table 'posthorn-dev-metrics': ");
});

test('that somebody has written by hand is an error, too', async () => {
  await expect(loadFrom(200, answerOf({ now: 'soon' }))).rejects.toThrow(LoadUnreadableError);
  await expect(loadFrom(200, { Items: [{ value: { S: '{' } }] })).rejects.toThrow(LoadUnreadableError);
});
