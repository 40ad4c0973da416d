import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hopOf } from '../../../client/journeys/hop.ts';
import { BUCKET_BOUNDS_MS } from '../../../events/histogram.ts';
import type { LedgerRecord, Outcome } from '../../../events/ledger-record.ts';
import type { LoadReading } from '../../../events/load-reading.ts';
import { bucketAttribute, totalsOf } from '../../../events/metrics-record.ts';
import type { Offer } from '../../../events/offer.ts';
import { type AgentRegistration, agentRegistrationSchema } from '../../../events/registration.ts';
import type { Rollout } from '../../../events/rollout.ts';
import type { LatestSnapshot, Snapshot } from '../../../events/snapshot.ts';
import openapi from '../../../functions/services/operations/openapi.json' with { type: 'json' };
import { operationsApp } from '../../../functions/services/operations/operations-app.ts';
import type { OperationsPorts } from '../../../functions/services/operations/operations-ports.ts';
import { healthOf, offerOf } from '../../helpers/offers.ts';

/** All agents but `new` have a card. */
const registration = (id: string, version = '1.0.0'): AgentRegistration =>
  agentRegistrationSchema.parse({
    ...{ id, version, capabilities: ['sums'], roleId: 'AROAEXAMPLE', roleArn: 'arn:aws:iam::000000000000:role/r', queue: 'q' },
    ...{ calls: ['other'], callsCapabilities: ['products'], concurrency: 10, authentication: 'iam' },
    actions: { add: { types: ['sum.asked'], allow: ['reader'] } },
    ...(id !== 'new' && {
      card: {
        endpoint: { kind: 'sqs', url: `https://sqs.eu-central-1.amazonaws.com/1/${id}` },
        description: 'Calculates.',
        capabilities: [{ name: 'Sums', description: 'Adds up.', tags: ['numbers'], examples: ['1 + 1?'] }],
      },
    }),
  });

/** Until long after this test. */
const EJECTED = healthOf({ ejectedUntil: 8_000_000_000_000, isBad: true, reason: 'messages wait, and none is received', errorShare: 0.5 });

const READING: LoadReading = {
  ...{ at: 1_100_000, intervalSeconds: 60, backlog: 8, drainPerSecond: 2, arrivedPerSecond: 3, capacityPerSecond: 4, goalSeconds: 30 },
  ...{ isStalled: false, brakedSince: 1_000_000, downstream: { agent: 'other', pressure: 2, goalSeconds: 10, drainRatio: 0.5 } },
  ...{ busyShare: 0.5, busiestDownstream: 0.25 },
};

const NO_MESSAGES = { visible: 0, inFlight: 0, delayed: 0 };

function snapshot(agent: string, at: number, counters: Readonly<Record<string, number>>, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    ...{ agent, version: '1.0.0', at, concurrency: 10, shards: 1, totals: totalsOf([counters]) },
    own: { counters: {}, timers: {}, models: {}, overflow: 0 },
    queues: { inbox: NO_MESSAGES, errors: NO_MESSAGES, deadLetters: NO_MESSAGES },
    ...changes,
  };
}

const inbox = (visible: number): Partial<Snapshot> => ({
  queues: { inbox: { ...NO_MESSAGES, visible }, errors: NO_MESSAGES, deadLetters: NO_MESSAGES },
});

/** Of 100 s: `p` processed, and `b` milliseconds busy. */
const latest = (agent: string, before = inbox(0), now = inbox(0), counters: Readonly<Record<string, number>> = { p: 50, b: 250_000 }) => ({
  before: snapshot(agent, 1_000_000, {}, before),
  now: snapshot(agent, 1_100_000, counters, now),
});

/** Of a message of the journey `order-1`; without an outcome it is in backoff. */
const record = (id: string, outcome?: Outcome): LedgerRecord => ({
  ...{ messageKey: `sum /shop ${id}`, revision: 'r', agent: 'sum', generation: 0, digest: 'd', sender: 's', startedAt: 10, expiresAt: 1 },
  ...{ sentAt: 1, receivedAt: 5, journey: 'order-1#0' },
  attempts: outcome === undefined ? [{ at: 20, from: 10, kind: 'transient', code: 'Busy', reason: 'not now', usage: [USED] }] : [],
  ...(outcome && { outcome, endedAt: 30, handledAt: 15, usage: [USED] }),
});

/** One more than a page may begin after. */
const LONG_HOPS = 10_001;

const USED = { model: 'small', inputTokens: 1, outputTokens: 2 };

const ROLLOUT: Rollout = {
  ...{ to: 'sum', version: '1.0.0', steps: [40, 100], everySeconds: 300, startedAt: 1, step: 0, since: 1, before: { sum: 0 } },
  ...{ state: 'running', seen: { at: 2, newer: { attempts: 30, failed: 1, p95Ms: 50 }, older: { attempts: 0, failed: 0 } } },
};

function operations(
  snapshots: readonly LatestSnapshot[],
  ids = snapshots.map(({ now }) => now.agent),
  { isBroken = false, offers = [] }: { readonly isBroken?: boolean; readonly offers?: readonly Offer[] } = {},
) {
  const failures: Error[] = [];
  const asked: string[] = [];
  const found = <Value>(name: string, value: Value): Promise<Value> => {
    asked.push(name);
    return isBroken ? Promise.reject(new Error('the table is gone')) : Promise.resolve(value);
  };
  const agents = ids.map((id) => registration(id));
  const ports: OperationsPorts = {
    agents: () => found('agents', agents),
    agent: (id) =>
      found(
        'agent',
        agents.find((agent) => agent.id === id),
      ),
    offers: (capability) =>
      found(
        'offers',
        offers.filter((offer) => offer.capability === capability),
      ),
    offersOf: ({ id }) =>
      found(
        'offersOf',
        offers.filter(({ agent }) => agent === id).map((offer) => ({ offer, rollout: ROLLOUT, written: JSON.stringify(ROLLOUT) })),
      ),
    latest: () => found('latest', snapshots),
    latestOf: (id) =>
      found(
        'latestOf',
        snapshots.find(({ now }) => now.agent === id),
      ),
    async *journey(id) {
      if (id === 'batch-job') yield* Array.from({ length: LONG_HOPS }, (_, nth) => hopOf(record(String(nth), 'processed'), [], 1_000));
      yield* (await found('journey', id === 'order-1' ? [record('a', 'processed'), record('b')] : [])).map((each) =>
        hopOf(each, [], 1_000),
      );
    },
  };
  const app = operationsApp(ports, (error) => failures.push(error));
  return { app, failures, asked, get: async (path: string) => (await app.request(path)).json() };
}

const textOf = async (snapshots: readonly LatestSnapshot[], accept = '*/*') =>
  (await operations(snapshots).app.request('/metrics', { headers: { accept } })).text();

const loadOf = async (snapshot: LatestSnapshot) => (await operations([snapshot]).app.request(`/agents/${snapshot.now.agent}/load`)).json();

describe('GET /metrics', () => {
  test('has histograms in seconds whose buckets add up, one for each bound and one above all', async () => {
    const aboveAll = bucketAttribute('wait', BUCKET_BOUNDS_MS.length);
    const lines = (await textOf([{ now: snapshot('sum', 0, { w0: 2, w1: 3, [aboveAll]: 1, W: 1_234 }) }])).split('\n');

    const buckets = lines.filter((line) => line.startsWith('posthorn_wait_seconds_bucket'));
    expect(buckets).toHaveLength(BUCKET_BOUNDS_MS.length + 1);
    expect(buckets.slice(0, 3)).toEqual([
      'posthorn_wait_seconds_bucket{agent="sum",le="0.004"} 2',
      'posthorn_wait_seconds_bucket{agent="sum",le="0.006"} 5',
      'posthorn_wait_seconds_bucket{agent="sum",le="0.01"} 5',
    ]);
    expect(buckets.at(-1)).toBe('posthorn_wait_seconds_bucket{agent="sum",le="+Inf"} 6');
    expect(lines).toContain('posthorn_wait_seconds_sum{agent="sum"} 1.234');
  });

  test('escapes the names that agents give to their own metrics', async () => {
    const tokens = { inputTokens: 120, outputTokens: 7, wastedInputTokens: 20, wastedOutputTokens: 0 };
    const own = {
      counters: { 'a "b"\\\nc': 2, '\ud800ü': 1 },
      timers: { render: { count: 4, sumMs: 500 } },
      models: { small: tokens },
      overflow: 3,
    };

    const lines = (await textOf([{ now: snapshot('sum', 0, {}, { own }) }])).split('\n');

    for (const line of [
      'posthorn_own_total{agent="sum",name="a \\"b\\"\\\\\\nc"} 2',
      'posthorn_own_total{agent="sum",name="\ufffdü"} 1',
      '# TYPE posthorn_own_seconds summary',
      'posthorn_own_seconds_sum{agent="sum",name="render"} 0.5',
      'posthorn_own_seconds_count{agent="sum",name="render"} 4',
      'posthorn_model_tokens_total{agent="sum",model="small",direction="input",attempt="thrown-away"} 20',
      'posthorn_own_overflow_total{agent="sum"} 3',
    ])
      expect(lines).toContain(line);
  });

  test.each([
    [undefined, 'text/plain'],
    ['*/*', 'text/plain'],
    ['application/json', 'text/plain'],
    ['application/openmetrics-text', 'application/openmetrics-text'],
    ['application/openmetrics-text;version=1.0.0;q=0.3,text/plain;q=0.5', 'text/plain'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1', 'application/openmetrics-text'],
  ])('answers Accept %s with %s', async (accept, type) => {
    const headers = accept === undefined ? {} : { accept };
    const response = await operations([latest('sum')]).app.request('/metrics', { headers });

    expect(response.headers.get('content-type')?.split(';')[0]).toBe(type);
    expect((await response.text()).endsWith('# EOF\n')).toBe(type !== 'text/plain');
  });

  test('has the interval of the snapshots; those of older versions were taken each minute', async () => {
    const text = await textOf([{ now: snapshot('old', 0, {}) }, { now: snapshot('seldom', 0, {}, { intervalSeconds: 600 }) }]);

    expect(text).toContain('\nposthorn_snapshot_interval_seconds{agent="old"} 60\n');
    expect(text).toContain('\nposthorn_snapshot_interval_seconds{agent="seldom"} 600\n');
  });

  test('is empty for a mesh without snapshots', async () => {
    expect(await textOf([])).toBe('');
    expect(await textOf([], 'application/openmetrics-text')).toBe('# EOF\n');
  });
});

describe('the load of an agent', () => {
  test.each([
    [[], 60],
    [[{ now: snapshot('sum', 0, {}) }], 60],
    [[{ now: snapshot('sum', 0, {}, { intervalSeconds: 600 }) }, { now: snapshot('far', 0, {}, { intervalSeconds: 5 }) }], 600],
  ])('of which there is no snapshot yet is there after the interval of the others', async (snapshots: LatestSnapshot[], seconds) => {
    const response = await operations(snapshots, ['new', 'sum', 'far']).app.request('/agents/new/load');

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, String(seconds)]);
    expect(await response.json()).toMatchObject({ detail: `the probe has not seen 'new' yet: ask again in ${seconds} seconds` });
  });

  test('has an expected wait at full concurrency, if messages did not wait throughout', async () => {
    // 50 messages in 250 s of work: 5 s each, so ten at a time make 2 a second.
    expect(await loadOf(latest('sum', inbox(0), inbox(8)))).toMatchObject({
      ...{ load: 0.25, backlog: 8, drainPerSecond: 0.5, expectedWaitSeconds: 4 },
    });
  });

  test('has an expected wait at the measured rate, if messages waited throughout', async () => {
    expect(await loadOf(latest('sum', inbox(4), inbox(8)))).toMatchObject({ expectedWaitSeconds: 16 });
  });

  test('has what producers steer by', async () => {
    expect(await loadOf({ ...latest('sum'), load: READING })).toMatchObject({ reading: READING });
  });

  test('says no wait where nothing shows it, and 0 where nothing waits', async () => {
    expect(await loadOf(latest('sum', inbox(4), inbox(8), {}))).not.toHaveProperty('expectedWaitSeconds');
    expect(await loadOf({ now: snapshot('sum', 0, {}, inbox(8)) })).toEqual({
      ...{ agent: 'sum', version: '1.0.0', at: '1970-01-01T00:00:00.000Z', backlog: 8 },
    });
    expect(await loadOf(latest('sum'))).toMatchObject({ backlog: 0, expectedWaitSeconds: 0 });
  });
});

test('the agents are in pages, each once', async () => {
  const ids = Array.from({ length: 7 }, (_, index) => `agent-${index}`);
  const { app } = operations([latest('agent-3')], ids);
  const pageSchema = z.object({ agents: z.array(z.object({ id: z.string() })), next: z.string().optional() });

  const seen: string[] = [];
  let after: string | undefined = '';
  for (let pages = 0; after !== undefined; pages++) {
    expect(pages).toBeLessThan(4);
    const page = pageSchema.parse(await (await app.request(`/agents?limit=3${after && `&after=${after}`}`)).json());
    seen.push(...page.agents.map(({ id }) => id));
    after = page.next;
  }
  expect(seen).toEqual(ids);
});

describe('GET /agents?capability=', () => {
  const sums = (agent: string, changes: Partial<Offer> = {}) => offerOf(agent, { capability: 'sums', ...changes });
  const offers = [
    sums('sum-v1', { health: healthOf({ p95Ms: 80 }) }),
    sums('sum-v2', { version: '2.0.0', weight: 0 }),
    sums('sum-v3', { version: '3.0.0-beta.1', weight: 10, health: EJECTED }),
    sums('sum-v4', { version: '\u001b[2J not a version', weight: 5, health: healthOf({ p95Ms: 900 }) }),
    offerOf('other', { capability: 'products' }),
  ];
  const idsSchema = z.object({ agents: z.array(z.object({ id: z.string() })), next: z.string().optional() });
  const idsOf = async (query: string) => {
    const { get } = operations([], [], { offers });
    const { agents, next } = idsSchema.parse(await get(`/agents?capability=${query}`));
    return [...agents.map(({ id }) => id), ...(next === undefined ? [] : [`next ${next}`])];
  };

  test('answers from the offers of the capability alone, with their weights and how they do', async () => {
    const { get, asked } = operations([latest('sum-v1')], ['sum-v1'], { offers });

    expect(await get('/agents?capability=sums&healthy=false')).toEqual({
      agents: [
        {
          ...{ id: 'sum-v3', version: '3.0.0-beta.1', weight: 10, p95Ms: 50, errorShare: 0.5 },
          ...{ isHealthy: false, reason: 'messages wait, and none is received' },
        },
      ],
    });
    expect(asked).toEqual(['offers']);
  });

  test.each<[string, readonly string[]]>([
    ['sums', ['sum-v1', 'sum-v2', 'sum-v3', 'sum-v4']],
    ['products', ['other']],
    ['unknown', []],
    ['sums&version=*', ['sum-v1', 'sum-v2']],
    ['sums&version=%3E%3D1.5', ['sum-v2']],
    ['sums&version=%3E%3D1.5+%3C2', []],
    ['sums&version=3.0.0-beta.1', ['sum-v3']],
    ['sums&maxLatencyMs=100', ['sum-v1', 'sum-v2', 'sum-v3']],
    ['sums&maxLatencyMs=79&healthy=true', ['sum-v2']],
    ['sums&healthy=true', ['sum-v1', 'sum-v2', 'sum-v4']],
    ['sums&limit=2', ['sum-v1', 'sum-v2', 'next sum-v2']],
    ['sums&limit=2&after=sum-v2', ['sum-v3', 'sum-v4']],
    // The agent of the cursor is gone by now.
    ['sums&limit=2&after=sum-v1a', ['sum-v2', 'sum-v3', 'next sum-v3']],
    ['sums&limit=1&healthy=true&after=sum-v2', ['sum-v4']],
  ])('%s lists %j', async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test('has ten thousand agents in pages, each once', async () => {
    const many = Array.from({ length: 10_000 }, (_, nth) => sums(`sum-${String(nth).padStart(5, '0')}`));
    const { get } = operations([], [], { offers: many });
    const seen: string[] = [];
    for (let after: string | undefined = 'a0'; after !== undefined; ) {
      const { agents, next } = idsSchema.parse(await get(`/agents?capability=sums&limit=500&after=${after}`));
      seen.push(...agents.map(({ id }) => id));
      after = next;
    }
    expect(seen).toEqual(many.map(({ agent }) => agent));
  });
});

test('GET /agents filters all agents, too, by what their snapshots say', async () => {
  const ejected = { ...latest('bad'), health: EJECTED };
  const slow = { ...latest('slow'), health: healthOf({ p95Ms: 5_000 }) };
  const { get } = operations([ejected, slow], ['bad', 'new', 'slow']);
  const idsOf = async (query: string) =>
    z
      .object({ agents: z.array(z.object({ id: z.string() })) })
      .parse(await get(`/agents?${query}`))
      .agents.map(({ id }) => id);

  expect(await idsOf('healthy=false')).toEqual(['bad']);
  expect(await idsOf('healthy=true')).toEqual(['new', 'slow']);
  expect(await idsOf('maxLatencyMs=4999')).toEqual(['bad', 'new']);
  expect(await idsOf('version=%5E2.0')).toEqual([]);
  expect(await get('/agents?healthy=false')).toMatchObject({
    agents: [{ id: 'bad', isHealthy: false, reason: 'messages wait, and none is received', errorShare: 0.5, load: 0.25 }],
  });
});

test.each([
  ['agents?capability=', 'capability is not 2 to 48'],
  ['agents?capability=Not%20An%20Id', 'capability is not 2 to 48'],
  ['agents?capability=%00', 'capability is not 2 to 48'],
  [`agents?capability=${'a'.repeat(5_000)}`, 'capability is not 2 to 48'],
  ['agents?version=', 'version is not 1 to 256 printable characters'],
  ['agents?version=newest', "version 'newest' is not a range of semantic versions: give one such as '>=2.0'"],
  ['agents?capability=sums&version=1.x.%F0%9F%93%AF', 'is not a range of semantic versions'],
  [`agents?version=${'1 || '.repeat(2_000)}1`, 'version is not 1 to 256 printable characters'],
  ['agents?version=%1B%5B2J', 'version is not 1 to 256 printable characters'],
  ['agents?maxLatencyMs=fast', 'maxLatencyMs is not a number from 1 to 1209599999: leave it out for any'],
  ['agents?maxLatencyMs=0', 'maxLatencyMs is not a number'],
  ['agents?maxLatencyMs=-5', 'maxLatencyMs is not a number'],
  ['agents?maxLatencyMs=1e3', 'maxLatencyMs is not a number'],
  ['agents?maxLatencyMs=Infinity', 'maxLatencyMs is not a number'],
  ['agents?healthy=yes', 'healthy is not true or false: leave it out for all agents'],
  ['agents?healthy', 'healthy is not true or false'],
  ['agents?limit=501', 'limit is not a number from 1 to 500: leave it out for 100'],
  ['agents?after=Nobody', 'after is not the id of an agent: use the value of next of the page before'],
  ['agents?maxLatency=5', 'a parameter that is not one of capability, version, maxLatencyMs, healthy, limit, after: leave it out'],
  ['agents?__proto__=1', 'a parameter that is not one of'],
  ['agents?capability=sums&capability=products', 'capability is given more than once: give it once'],
  ['journeys/order-1?sources=1', 'a parameter that is not one of source, limit, after: leave it out'],
  ['agents/a%2Fb', 'id is not the id of an agent: GET /agents lists those of the mesh'],
  ['agents/%F0%9F%93%AF/card', 'id is not the id of an agent'],
  ['agents/__proto__', 'id is not the id of an agent'],
])('GET /%s is refused with the remedy', async (path, detail) => {
  const { app, asked, failures } = operations([latest('sum')]);
  const response = await app.request(`/${path}`);

  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  expect(await response.json()).toMatchObject({ type: 'urn:posthorn:problem:invalid-request', detail: expect.stringContaining(detail) });
  expect([asked.filter((name) => !['offers', 'agents', 'latest'].includes(name)), failures]).toEqual([[], []]);
});

describe('GET /agents/{id}', () => {
  test('has everything that is known of an agent', async () => {
    const health = healthOf({ p95Ms: 70, errorShare: 0.125 });
    const offers = [offerOf('sum', { capability: 'sums', weight: 40, health: EJECTED })];
    const { get } = operations([{ ...latest('sum', inbox(0), { ...inbox(8), isPaused: true }), health }], ['sum'], { offers });

    expect(await get('/agents/sum')).toEqual({
      ...{ id: 'sum', version: '1.0.0', description: 'Calculates.' },
      capabilities: [
        {
          ...{ id: 'sums', name: 'Sums', description: 'Adds up.', tags: ['numbers'], examples: ['1 + 1?'], weight: 40 },
          ...{ isHealthy: false, reason: 'messages wait, and none is received', rollout: ROLLOUT },
        },
      ],
      ...{ sendsTo: ['other'], calls: ['products'], receivesReplies: false, concurrency: 10, latencyGoalSeconds: 30 },
      ...{ authentication: 'iam' },
      actions: { add: { types: ['sum.asked'], allow: ['reader'] } },
      ...{ isHealthy: true, p95Ms: 70, errorShare: 0.125, expectedWaitSeconds: 4, isPaused: true, at: '1970-01-01T00:18:20.000Z' },
      queues: { inbox: { ...NO_MESSAGES, visible: 8 }, errors: NO_MESSAGES, deadLetters: NO_MESSAGES },
    });
  });

  test('has what is registered of an agent without snapshot, offer and card', async () => {
    expect(await operations([], ['new']).get('/agents/new')).toEqual({
      ...{
        id: 'new',
        version: '1.0.0',
        isHealthy: true,
        sendsTo: ['other'],
        calls: ['products'],
        receivesReplies: false,
        concurrency: 10,
        latencyGoalSeconds: 30,
        authentication: 'iam',
      },
      capabilities: [{ id: 'sums', tags: [], examples: [], isHealthy: true }],
      actions: { add: { types: ['sum.asked'], allow: ['reader'] } },
    });
  });
});

describe('the card of an agent over HTTP', () => {
  test('may be kept for a minute by its reader alone, and a reader that has it gets it no second time', async () => {
    const { app } = operations([], ['sum']);
    const first = await app.request('/agents/sum/card');
    const tag = first.headers.get('etag') ?? '';

    expect([first.status, first.headers.get('cache-control'), tag]).toEqual([
      200,
      'private, max-age=60',
      expect.stringMatching(/^"[0-9a-f]+"$/),
    ]);
    expect(await first.json()).toMatchObject({ name: 'sum', skills: [{ id: 'sums', name: 'Sums', examples: ['1 + 1?'] }] });
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await app.request('/agents/sum/card', { headers: { 'if-none-match': known } });
      expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
      expect([again.headers.get('etag'), again.headers.get('cache-control')]).toEqual([tag, 'private, max-age=60']);
    }
    const head = await app.request('/agents/sum/card', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, tag, '']);
    expect((await app.request('/agents/sum/card', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('is a problem of its own where there is none', async () => {
    const response = await operations([], ['new']).app.request('/agents/new/card');

    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
    expect(await response.json()).toMatchObject({
      type: 'urn:posthorn:problem:no-card',
      detail: "'new' was deployed before there were cards, or its card had no room: deploy its stack with this version",
    });
  });
});

test('a journey that is too long to be paged says on its last page that it is cut off', async () => {
  const { app } = operations([]);
  const pageSchema = z.object({ hops: z.array(z.unknown()), next: z.string().optional(), truncated: z.boolean().optional() });
  const page = async (query: string) => {
    const { hops, ...rest } = pageSchema.parse(await (await app.request(`/journeys/batch-job?${query}`)).json());
    return { count: hops.length, ...rest };
  };

  expect(await page('limit=500&after=9000')).toEqual({ count: 500, next: '9500' });
  expect(await page('limit=500&after=9500')).toEqual({ count: 500, truncated: true });
  expect(await page('limit=500&after=9999')).toEqual({ count: 2 });
});

// Each response of the document, and a request that causes it.
const REQUESTS: Readonly<Record<string, (tag: string) => [path: string, init?: RequestInit, isBroken?: boolean]>> = {
  'GET /metrics 200': () => ['/metrics'],
  'GET /metrics 304': (tag) => ['/metrics', { headers: { 'if-none-match': tag } }],
  'GET /metrics 405': () => ['/metrics', { method: 'POST' }],
  'GET /metrics 500': () => ['/metrics', {}, true],
  'GET /agents 200': () => ['/agents?limit=1'],
  'GET /agents 304': (tag) => ['/agents?limit=1', { headers: { 'if-none-match': tag } }],
  'GET /agents 400': () => ['/agents?limit=no'],
  'GET /agents 405': () => ['/agents', { method: 'DELETE' }],
  'GET /agents 500': () => ['/agents', {}, true],
  'GET /agents/{id} 200': () => ['/agents/sum'],
  'GET /agents/{id} 304': (tag) => ['/agents/sum', { headers: { 'if-none-match': tag } }],
  'GET /agents/{id} 400': () => ['/agents/Not%20An%20Id'],
  'GET /agents/{id} 404': () => ['/agents/nobody'],
  'GET /agents/{id} 405': () => ['/agents/sum', { method: 'PATCH' }],
  'GET /agents/{id} 500': () => ['/agents/sum', {}, true],
  'GET /agents/{id}/card 200': () => ['/agents/sum/card'],
  'GET /agents/{id}/card 304': (tag) => ['/agents/sum/card', { headers: { 'if-none-match': tag } }],
  'GET /agents/{id}/card 400': () => ['/agents/Not%20An%20Id/card'],
  'GET /agents/{id}/card 404': () => ['/agents/new/card'],
  'GET /agents/{id}/card 405': () => ['/agents/sum/card', { method: 'DELETE' }],
  'GET /agents/{id}/card 500': () => ['/agents/sum/card', {}, true],
  'GET /agents/{id}/load 200': () => ['/agents/sum/load'],
  'GET /agents/{id}/load 304': (tag) => ['/agents/sum/load', { headers: { 'if-none-match': tag } }],
  'GET /agents/{id}/load 400': () => ['/agents/Not%20An%20Id/load'],
  'GET /agents/{id}/load 404': () => ['/agents/nobody/load'],
  'GET /agents/{id}/load 405': () => ['/agents/sum/load', { method: 'PUT' }],
  'GET /agents/{id}/load 500': () => ['/agents/sum/load', {}, true],
  'GET /agents/{id}/load 503': () => ['/agents/new/load'],
  'GET /journeys/{id} 200': () => ['/journeys/batch-job?limit=1&after=9999'],
  'GET /journeys/{id} 304': (tag) => ['/journeys/order-1?limit=1', { headers: { 'if-none-match': tag } }],
  'GET /journeys/{id} 400': () => ['/journeys/order-1?after=10000'],
  'GET /journeys/{id} 404': () => ['/journeys/nothing'],
  'GET /journeys/{id} 405': () => ['/journeys/order-1', { method: 'DELETE' }],
  'GET /journeys/{id} 500': () => ['/journeys/order-1', {}, true],
};

describe('openapi.json', () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ } });
  ajv.addSchema(openapi, 'openapi');
  const responseSchema = z.object({
    headers: z.record(z.string(), z.unknown()).default({}),
    content: z.record(z.string(), z.unknown()).default({}),
  });
  const responses = Object.entries(openapi.paths).flatMap(([path, { get }]) =>
    Object.entries(get.responses).map(([status, response]) => {
      const name = '$ref' in response ? response.$ref.replace('#/components/responses/', '') : undefined;
      const resolved = name === undefined ? response : Object.entries(openapi.components.responses).find(([key]) => key === name)?.[1];
      return { key: `GET ${path} ${status}`, pointer: [path, status] as const, name, response: responseSchema.parse(resolved) };
    }),
  );

  test('has a request for each of its responses, and no others', () => {
    expect(responses.map(({ key }) => key).toSorted()).toEqual(Object.keys(REQUESTS).toSorted());
  });

  test.each(responses)('is kept: $key', async ({ key, pointer: [path, status], name, response: documented }) => {
    const { app, failures } = operations([{ ...latest('sum'), load: READING }, latest('other')], ['new', 'other', 'sum'], {
      offers: [offerOf('sum', { capability: 'sums' })],
    });
    const plain = REQUESTS[key]?.('')[0] ?? '';
    const tag = (await app.request(plain)).headers.get('etag') ?? '';
    const [target, init, isBroken = false] = REQUESTS[key]?.(tag) ?? [''];
    const asked = isBroken ? operations([], [], { isBroken: true }) : { app, failures };

    const response = await asked.app.request(target, init);

    expect(response.status).toBe(Number(status));
    expect(asked.failures).toHaveLength(status === '500' ? 1 : 0);
    for (const header of Object.keys(documented.headers)) expect(response.headers.get(header), header).not.toBeNull();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const body = await response.text();
    if (Object.keys(documented.content).length === 0) return expect(body).toBe('');
    expect(Object.keys(documented.content)).toContain(type);
    const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
    const place = name === undefined ? `paths/${escaped(path)}/get/responses/${status}` : `components/responses/${name}`;
    const validate = ajv.compile({ $ref: `openapi#/${place}/content/${escaped(type)}/schema` });
    expect([validate(type.endsWith('json') ? JSON.parse(body) : body), validate.errors]).toEqual([true, null]);
  });

  test.each(['/agents', '/journeys/{id}'] as const)('has the query parameters of %s', async (path) => {
    const names = openapi.paths[path].get.parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : []));

    expect(await operations([]).get(`${path.replace('{id}', 'order-1')}?unknown=1`)).toMatchObject({
      detail: `the query has a parameter that is not one of ${names.join(', ')}: leave it out`,
    });
  });

  test('names no problem that is not there, and a path without a route is a problem too', async () => {
    const response = await operations([]).app.request('/elsewhere');

    expect([response.status, await response.json()]).toMatchObject([404, { type: 'urn:posthorn:problem:unknown-path' }]);
    expect((await operations([]).app.request('/metrics', { method: 'HEAD' })).status).toBe(200);
  });
});
