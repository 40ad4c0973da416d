import { expect, test } from 'vitest';
import { metricsShards, totalsOf } from '../../../events/metrics-record.ts';
import type { Offer, OfferHealth } from '../../../events/offer.ts';
import { type LatestSnapshot, type Snapshot, WINDOW_MS, windowOf } from '../../../events/snapshot.ts';
import { ProbeError, probe } from '../../../functions/services/probe/probe.ts';
import type { ProbePorts } from '../../../functions/services/probe/probe-ports.ts';
import { agentOf } from './registrations.ts';

const depth = { visible: 0, inFlight: 0, delayed: 0 };

/** A mesh in memory, whose agents' shards each have one processed message. */
function memoryProbe(...agents: ReturnType<typeof agentOf>[]) {
  const latest = new Map<string, LatestSnapshot>();
  const snapshots: Snapshot[] = [];
  const world = {
    agents,
    now: 1_000_000,
    latest,
    snapshots,
    failing: new Set<string>(),
    paused: new Set<string>(),
    asked: [] as [string, number][],
    judged: [] as [string, OfferHealth][],
    own: [{ 'c orders': 2 }, { 'c orders': 3 }] as Record<string, number>[],
    queues: { inbox: depth, errors: depth, deadLetters: depth },
    warnings: [] as [string, unknown][],
    offers: [] as Offer[],
    totals: { p: 1, n: 1 } as Record<string, number>,
  };
  const ports: ProbePorts = {
    agents: async () => world.agents,
    latest: async () => latest,
    async record(agentId, shards) {
      if (world.failing.has(agentId)) throw new Error('throttled');
      world.asked.push([agentId, shards]);
      return { totals: Array.from({ length: shards }, () => world.totals), own: world.own };
    },
    queues: async () => world.queues,
    mappings: async () => (agentId) => world.paused.has(agentId),
    firstSince: async (agentId, sinceMs) => snapshots.find(({ agent, at }) => agent === agentId && at >= sinceMs),
    async write(written) {
      latest.set(written.now.agent, written);
      snapshots.push(written.now);
    },
    judge: async ({ id }, health) => void world.judged.push([id, health]),
    forget: async (agentId) => void latest.delete(agentId),
    offers: async () => world.offers.map((offer) => ({ offer, rollout: undefined, written: undefined })),
    setWeight: async () => true,
    writeRollout: async () => true,
    now: () => world.now,
    logger: { info: () => {}, warn: (message, fields) => void world.warnings.push([message, fields]) },
  };
  return { world, ports, run: () => probe(ports, 60) };
}

test('adds up the shards of each agent, and begins its window with the oldest snapshot in it', async () => {
  const { world, run } = memoryProbe(agentOf('one'), agentOf('many', { concurrency: 35 }));

  expect(await run()).toBe(2);
  expect(world.latest.get('one')).toMatchObject({ now: { totals: { counters: { processed: 1 } }, own: { counters: { orders: 5 } } } });
  expect(world.latest.get('many')?.now.totals.counters).toMatchObject({ processed: 4, deliveries: 4 });
  expect(windowOf(world.latest.get('one') ?? { now: neverTaken })).toBeUndefined();

  world.now += WINDOW_MS - 1;
  await run();
  world.now += 60_000;
  await run();
  const [, second] = world.snapshots.filter(({ agent }) => agent === 'one');
  expect(world.latest.get('one')?.before).toEqual(second);
});

test('tells the registry how an agent does, and an idle agent costs no writes', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  for (let look = 0; look < 5; look++) {
    await run();
    world.now += 60_000;
  }

  expect(world.judged).toEqual([['one', expect.objectContaining({ isBad: false, messages: 0 })]]);
});

test('a probe with longer intervals than the window compares with its last snapshot', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  await run();
  world.now += 3 * WINDOW_MS;
  await run();

  const latest = world.latest.get('one');
  expect(latest && windowOf(latest)?.seconds).toBe((3 * WINDOW_MS) / 1_000);
});

test.each([
  ['that the schedule has, whenever EventBridge comes', 61_200, 60],
  ['that the schedule has, after runs were missed', 180_000, 60],
  ['at which it runs, where that is more often than the schedule says', 5_100, 5],
  ['of a second at least', 10, 1],
])('a snapshot says the interval %s', async (_case, passedMs, seconds) => {
  const { world, run } = memoryProbe(agentOf('one'));
  await run();
  expect(world.latest.get('one')?.now.intervalSeconds).toBe(60);
  world.now += passedMs;
  await run();

  expect(world.latest.get('one')?.now.intervalSeconds).toBe(seconds);
});

test('goes on reading the shards of processes with more concurrency', async () => {
  const { world, run } = memoryProbe(agentOf('one', { concurrency: 100 }));
  await run();
  world.agents = [agentOf('one', { concurrency: 5 })];
  await run();
  await run();

  expect(world.asked).toEqual([
    ['one', metricsShards(100)],
    ['one', metricsShards(100)],
    ['one', metricsShards(100)],
  ]);
});

test('goes on showing the names of own metrics that it has shown, when others come', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  await run();
  const others = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`c a${index}`, 1]));
  world.own = [{ 'c orders': 4 }, ...[1, 2].map(() => others)];
  await run();

  const own = world.latest.get('one')?.now.own;
  expect(own).toMatchObject({ counters: { orders: 4, a0: 2 }, overflow: 11 });
});

test('forgets an agent that is gone; one that fails keeps no other from its snapshot', async () => {
  const { world, run } = memoryProbe(agentOf('one'), agentOf('two'), agentOf('three'));
  await run();
  world.agents = [agentOf('one'), agentOf('three')];
  world.failing.add('one');
  world.now += 60_000;

  await expect(run()).rejects.toThrow(new ProbeError([new Error('throttled')], '1 could not be looked at: one: throttled'));

  expect([...world.latest].map(([id, { now }]) => [id, now.at])).toEqual([
    ['one', 1_000_000],
    ['three', 1_060_000],
  ]);
});

test('says so when an agent leaves the mesh whose queues held messages', async () => {
  const { world, run } = memoryProbe(agentOf('one'), agentOf('two'));
  world.queues = { inbox: { visible: 3, inFlight: 1, delayed: 1 }, errors: depth, deadLetters: { ...depth, visible: 2 } };
  await run();
  world.agents = [agentOf('two')];
  await run();
  await run();

  expect(world.warnings).toEqual([
    ['an agent has left the mesh, and its queues held messages', { agent: 'one', inbox: 5, errors: 0, deadLetters: 2 }],
  ]);
});

test('publishes how busy an agent is, by what happened since the last look', async () => {
  const { world, run } = memoryProbe(agentOf('one', { latencyGoalSeconds: 60, concurrency: 5 }));
  const load = () => world.latest.get('one')?.load;
  await run();
  const first = { at: world.now, intervalSeconds: 60, backlog: 0, drainPerSecond: 0, arrivedPerSecond: 0, goalSeconds: 60 };
  expect(load()).toEqual({ ...first, isStalled: false, downstream: undefined });

  world.now += 60_000;
  world.totals = { p: 601, n: 601, b: 150_000 };
  world.queues = { ...world.queues, inbox: { visible: 250, inFlight: 40, delayed: 10 } };
  await run();
  // In 150 s of batches 600 messages ended: five batches at the same time handle 20 a second.
  const second = {
    at: world.now,
    backlog: 250,
    drainPerSecond: 10,
    arrivedPerSecond: 15,
    capacityPerSecond: 20,
    busyShare: 0.5,
    brakedSince: world.now,
  };
  expect(load()).toEqual({ ...first, ...second, isStalled: false, downstream: undefined });

  // A run was missed: the rates are those of two minutes.
  world.now += 120_000;
  world.queues = { ...world.queues, inbox: { visible: 300, inFlight: 0, delayed: 0 } };
  await run();
  const stalled = { arrivedPerSecond: 0, intervalSeconds: 60, capacityPerSecond: 20, isStalled: true };
  // None was handled in these two minutes: a message may take long, so the drain is that of the last minutes.
  expect(load()).toMatchObject({ ...stalled, drainPerSecond: 600 / 180 });

  // An idle agent can do what it could when it last had something to do.
  world.queues = { ...world.queues, inbox: depth };
  for (let hour = 0; hour < 3; hour++) {
    world.now += 3_600_000;
    await run();
  }
  expect(load()).toMatchObject({ drainPerSecond: 0, backlog: 0, capacityPerSecond: 20, isStalled: false });
});

test('says since when an agent brakes its producers, and logs what the alarms count', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  const minute = async (visible: number) => {
    world.queues = { ...world.queues, inbox: { visible, inFlight: 5, delayed: 0 } };
    await run();
    world.now += 60_000;
    world.totals = { p: (world.totals.p ?? 0) + 600, n: (world.totals.n ?? 0) + 600 };
  };
  const since = () => world.latest.get('one')?.load?.brakedSince;
  await minute(0);
  const begin = world.now;
  // Ten a second, and a goal of 30 s: a pressure of 0.2, then of 0.25 and more.
  await minute(60);
  expect(since()).toBeUndefined();
  await minute(75);
  expect(since()).toBe(begin + 60_000);
  for (let count = 0; count < 4; count++) await minute(100);
  expect(world.warnings).toEqual([]);
  await minute(330);

  expect(since()).toBe(begin + 60_000);
  const facts = { agent: 'one', backlog: 330, drainPerSecond: 10, goalSeconds: 30, isStalled: false };
  expect(world.warnings).toEqual([
    ['the expected wait of an agent is above its goal', { ...facts, expectedWaitSeconds: 33 }],
    ['producers of an agent have been held back for minutes', { ...facts, brakedSeconds: 300 }],
  ]);
  await minute(74);
  expect(since()).toBeUndefined();
});

test('an agent is stalled where messages wait at two looks in a row and none is received in between', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  const stalledAfter = async (visible: number, inFlight = 0) => {
    world.now += 60_000;
    world.queues = { ...world.queues, inbox: { visible, inFlight, delayed: 0 } };
    await run();
    return world.latest.get('one')?.load?.isStalled;
  };
  expect([await stalledAfter(0), await stalledAfter(1), await stalledAfter(1), await stalledAfter(5)]).toEqual([false, false, true, true]);
  // One is in flight, but none has been handled for minutes: its handler hangs.
  expect([await stalledAfter(5, 1), await stalledAfter(0)]).toEqual([true, false]);
  world.totals = { p: 2, n: 2 };
  expect(await stalledAfter(5)).toBe(false);
  // One is in flight, and the last one was handled minutes ago: they take long.
  expect([await stalledAfter(5, 1), await stalledAfter(5, 1), await stalledAfter(5, 1)]).toEqual([false, false, false]);
  for (let minute = 0; minute < 3; minute++) await stalledAfter(5, 1);
  expect(await stalledAfter(5, 1)).toBe(true);
});

test('what is dead-lettered has left the inbox, and is not counted as handled', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  await run();
  world.now += 60_000;
  world.totals = { p: 1, d: 600, n: 601 };
  await run();

  expect(world.latest.get('one')?.load).toMatchObject({ drainPerSecond: 0, arrivedPerSecond: 10 });
});

test('a look that follows another by chance makes the interval no shorter; looks that do so each time have their own', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  const intervals: (number | undefined)[] = [];
  for (const passedSeconds of [60, 60, 3, 57, 60, 5, 5, 5]) {
    world.now += passedSeconds * 1_000;
    await run();
    intervals.push(world.latest.get('one')?.load?.intervalSeconds);
  }
  expect(intervals).toEqual([60, 60, 60, 57, 60, 60, 5, 5]);
});

test('a lost item of the metrics record, and an inbox that was purged, make no negative rates', async () => {
  const { world, run } = memoryProbe(agentOf('one'));
  world.totals = { p: 100, n: 100 };
  world.queues = { ...world.queues, inbox: { visible: 250, inFlight: 40, delayed: 10 } };
  await run();
  world.now += 60_000;
  world.totals = { p: 40, n: 40 };
  world.queues = { ...world.queues, inbox: depth };
  await run();

  expect(world.latest.get('one')?.load).toMatchObject({ arrivedPerSecond: 0, backlog: 0, isStalled: false });
  expect(world.latest.get('one')?.load?.drainPerSecond).toBeGreaterThanOrEqual(0);
});

test('pressure comes from the agents that a capability sends to now, and from one that could not be looked at', async () => {
  const serving = { version: '1.0.0', health: undefined, weight: 100, capability: 'sums' };
  const { world, run } = memoryProbe(
    agentOf('first', { callsCapabilities: ['sums'] }),
    agentOf('old', { calls: ['last'] }),
    agentOf('new', { latencyGoalSeconds: 1 }),
    agentOf('last'),
  );
  world.offers = [
    { ...serving, agent: 'old' },
    { ...serving, agent: 'new', weight: 0 },
  ];
  world.queues = { ...world.queues, inbox: { visible: 300, inFlight: 1, delayed: 0 } };
  await run();
  world.now += 60_000;
  world.totals = { p: 601, n: 601, b: 60_000 };
  await run();
  const downstream = (agent: string) => world.latest.get(agent)?.load?.downstream;
  // 'new' has a far smaller goal, but nothing goes there.
  expect([downstream('first')?.agent, downstream('first')?.pressure]).toEqual(['old', 1]);
  expect(downstream('old')?.agent).toBe('last');
  expect(downstream('last')).toBeUndefined();

  world.now += 60_000;
  world.totals = { p: 1_201, n: 1_201, b: 120_000 };
  world.failing.add('old');
  await expect(run()).rejects.toThrow(/^1 could not be looked at: old: throttled$/);
  expect(downstream('first')?.agent).toBe('old');
});

test('knows who is paused; where the mappings cannot be read, nobody does, and each agent has its snapshot', async () => {
  const { world, run, ports } = memoryProbe(agentOf('one'), agentOf('two'));
  world.paused.add('two');
  await run();
  const paused = () => [...world.latest.values()].map(({ now }) => now.isPaused);
  expect(paused()).toEqual([false, true]);

  ports.mappings = async () => Promise.reject(new Error('Rate exceeded'));
  world.now += 60_000;
  await expect(run()).rejects.toThrow('1 could not be looked at: the event source mappings: Rate exceeded');
  expect([paused(), world.snapshots.length]).toEqual([[undefined, undefined], 4]);
});

test('where the offers cannot be read, each agent has its snapshot and its load all the same', async () => {
  const { world, run, ports } = memoryProbe(agentOf('one'));
  ports.offers = async () => Promise.reject(new Error('throttled'));

  await expect(run()).rejects.toThrow('1 could not be looked at: the offers: throttled');
  expect(world.latest.get('one')?.load).toMatchObject({ backlog: 0 });
});

const neverTaken: Snapshot = {
  ...{ agent: 'never', version: '1.0.0', at: 0, concurrency: 1, shards: 1, totals: totalsOf([]) },
  own: { counters: {}, timers: {}, models: {}, overflow: 0 },
  queues: { inbox: depth, errors: depth, deadLetters: depth },
};
