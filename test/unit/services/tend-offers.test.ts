import { expect, test } from 'vitest';
import { type OperatedOffer, parseOperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import { bucketOf } from '../../../events/histogram.ts';
import { totalsOf } from '../../../events/metrics-record.ts';
import { declaredOffer } from '../../../events/offer.ts';
import type { Rollout } from '../../../events/rollout.ts';
import type { Snapshot } from '../../../events/snapshot.ts';
import type { ProbePorts } from '../../../functions/services/probe/probe-ports.ts';
import { tendOffers } from '../../../functions/services/probe/tend-offers.ts';
import { healthOf } from '../../helpers/offers.ts';

const MINUTE_MS = 60_000;
const empty = { visible: 0, inFlight: 0, delayed: 0 };

type Item = { weight: number; rollout?: string; health?: string };

/** What the agents do in a minute. */
type Minute = Readonly<Record<string, { readonly processed?: number; readonly failed?: number; readonly ms?: number }>>;

/** A capability whose offers are items in memory, and a probe that looks once a minute. */
function capabilityOf(weights: Readonly<Record<string, number>>) {
  const items = new Map<string, Item>(Object.entries(weights).map(([agent, weight]) => [agent, { weight }]));
  const done = new Map<string, Snapshot['totals']>();
  const snapshots: Snapshot[] = [];
  const world = { now: 0, crashes: false, logged: [] as string[], items };
  const declared = declaredOffer({ version: '1.0.0' });
  const offer = ([agent, item]: [string, Item]): readonly OperatedOffer[] => {
    const operated = parseOperatedOffer({ capability: 'rating', agent, declared, revision: 1, ...item });
    return operated === undefined ? [] : [operated];
  };
  const itemOf = (agent: string) => items.get(agent) ?? { weight: 0 };
  const ports: ProbePorts = {
    ...{ agents: async () => [], latest: async () => new Map(), record: async () => ({ totals: [], own: [] }) },
    ...{ queues: async () => ({ inbox: empty, errors: empty, deadLetters: empty }), mappings: async () => () => false },
    ...{ write: async () => {}, judge: async () => {}, forget: async () => {} },
    firstSince: async (agent, sinceMs) => snapshots.find((each) => each.agent === agent && each.at >= sinceMs),
    offers: async () => [...items].flatMap(offer),
    async setWeight({ agent }, weight) {
      if (world.crashes) throw new Error('the process died');
      itemOf(agent).weight = weight;
      return items.has(agent);
    },
    async writeRollout({ agent }, rollout, last) {
      if (!items.has(agent) || itemOf(agent).rollout !== last) return false;
      itemOf(agent).rollout = JSON.stringify(rollout);
      return true;
    },
    now: () => world.now,
    logger: { info: (message) => void world.logged.push(message), warn: (message) => void world.logged.push(message) },
  };
  const add = (agent: string, { processed = 0, failed = 0, ms = 10 }: Minute[string] = {}) => {
    const last = done.get(agent) ?? totalsOf([]);
    const handled = (last.handle.counts[bucketOf(ms)] ?? 0) + processed + failed;
    const totals = {
      ...last,
      counters: {
        ...last.counters,
        processed: last.counters.processed + processed,
        deadLettered: last.counters.deadLettered + failed,
      },
      handle: { counts: { ...last.handle.counts, [bucketOf(ms)]: handled }, sumMs: 0 },
    };
    done.set(agent, totals);
    const snapshot: Snapshot = {
      ...{ agent, version: '1.0.0', at: world.now, concurrency: 1, shards: 1, totals },
      own: { counters: {}, timers: {}, models: {}, overflow: 0 },
      queues: { inbox: empty, errors: empty, deadLetters: empty },
    };
    snapshots.push(snapshot);
    return [agent, snapshot] as const;
  };
  return {
    world,
    start(to: string, rest: Partial<Rollout> = {}) {
      const before = Object.fromEntries([...items].map(([agent, { weight }]) => [agent, weight]));
      const rollout: Rollout = {
        ...{ to, version: '1.0.0', steps: [10, 50, 100], everySeconds: 120, startedAt: world.now, step: 0, since: world.now },
        ...{ before, state: 'running' },
        ...rest,
      };
      itemOf(to).rollout = JSON.stringify(rollout);
    },
    weights: () => Object.fromEntries([...items].map(([agent, { weight }]) => [agent, weight])),
    rollout: (agent: string) => offer([agent, itemOf(agent)])[0]?.rollout,
    async minutes(count: number, minute: Minute) {
      for (let index = 0; index < count; index++) {
        world.now += MINUTE_MS;
        const taken = new Map([...items.keys()].map((agent) => add(agent, minute[agent])));
        const failures = await tendOffers(ports, await ports.offers(), taken);
        if (!world.crashes) expect(failures).toEqual([]);
      }
    },
  };
}

const BOTH = { one: { processed: 100 }, two: { processed: 50 } };

test('a rollout goes through its steps, and is done', async () => {
  const { start, minutes, weights, rollout, world } = capabilityOf({ one: 100, two: 0 });
  start('two');

  await minutes(1, BOTH);
  expect(weights()).toEqual({ one: 90, two: 10 });
  await minutes(1, BOTH);
  expect(weights()).toEqual({ one: 50, two: 50 });
  await minutes(3, BOTH);
  expect(weights()).toEqual({ one: 0, two: 100 });
  await minutes(3, BOTH);
  expect(rollout('two')).toMatchObject({ state: 'done', step: 2 });
  expect(world.logged).toEqual(['a rollout has reached its next step', 'a rollout has reached its next step', 'a rollout is done']);
});

test('a version that fails is rolled back to the weights of before, and what it did before the step does not count', async () => {
  const { start, minutes, weights, rollout, world } = capabilityOf({ one: 70, two: 0, three: 30 });
  await minutes(3, { one: { processed: 100 }, two: { failed: 50 } });
  start('two');
  await minutes(1, { one: { processed: 100 }, three: { processed: 100 }, two: { processed: 15 } });
  expect(rollout('two')?.seen?.newer).toEqual({ attempts: 15, failed: 0, p50Ms: expect.any(Number), p95Ms: expect.any(Number) });
  expect(weights()).toEqual({ one: 63, two: 10, three: 27 });

  await minutes(1, { one: { processed: 100 }, two: { failed: 10 } });
  expect(rollout('two')).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('10 of 25 attempts failed') });
  expect(weights()).toEqual({ one: 70, two: 0, three: 30 });
  await minutes(5, BOTH);
  expect(world.logged).toEqual(['a rollout is rolled back']);
});

test('a slower version is rolled back', async () => {
  const { start, minutes, weights, rollout } = capabilityOf({ one: 100, two: 0 });
  start('two');
  await minutes(2, { one: { processed: 100 }, two: { processed: 30, ms: 2_000 } });

  expect(rollout('two')).toMatchObject({ state: 'rolled-back', reason: expect.stringMatching(/^its median is \d+ ms/) });
  expect(weights()).toEqual({ one: 100, two: 0 });
});

test('without traffic it waits, and says so by what it has seen', async () => {
  const { start, minutes, weights, rollout } = capabilityOf({ one: 100, two: 0 });
  start('two');
  await minutes(10, { one: { processed: 100 } });

  expect(weights()).toEqual({ one: 90, two: 10 });
  expect(rollout('two')).toMatchObject({ state: 'running', step: 0, seen: { newer: { attempts: 0 } } });
});

test('a run that ends between rollout and weights is completed by the next one', async () => {
  const { start, minutes, weights, rollout, world } = capabilityOf({ one: 100, two: 0 });
  start('two');
  await minutes(1, BOTH);
  world.crashes = true;
  await minutes(1, BOTH);
  expect([rollout('two')?.step, weights()]).toEqual([1, { one: 90, two: 10 }]);

  await minutes(1, { two: { failed: 100 } });
  world.crashes = false;
  await minutes(2, { two: { failed: 100 } });
  expect([rollout('two')?.state, weights()]).toEqual(['rolled-back', { one: 100, two: 0 }]);
});

test('of two that began at the same moment one goes on', async () => {
  const { start, minutes, weights, rollout } = capabilityOf({ one: 100, two: 0, three: 0 });
  start('three', { startedAt: 5 });
  start('two', { startedAt: 4 });
  await minutes(1, BOTH);

  expect(weights()).toEqual({ one: 90, two: 10, three: 0 });
  expect(rollout('three')).toMatchObject({ state: 'rolled-back', reason: "another one began before it, to 'two'" });
});

test('agents that come or go in the middle change nothing for the others', async () => {
  const { start, minutes, weights, world } = capabilityOf({ one: 60, two: 0, three: 40 });
  start('two');
  await minutes(1, BOTH);
  world.items.delete('three');
  world.items.set('four', { weight: 0 });
  await minutes(1, BOTH);

  expect(weights()).toEqual({ one: 50, two: 50, four: 0 });
  world.items.delete('two');
  await minutes(3, BOTH);
  expect(weights()).toEqual({ one: 50, four: 0 });
});

test('a rollout in a form that this version does not know is left alone', async () => {
  const { minutes, weights, world } = capabilityOf({ one: 100, two: 0 });
  for (const odd of ['{', '7', '{"to":"two"}', '{"state":"waiting"}']) {
    world.items.set('two', { weight: 3, rollout: odd });
    await minutes(2, BOTH);
    expect(weights()).toEqual({ one: 100, two: 3 });
  }
});

test('logs each minute in which no agent that gets messages is healthy', async () => {
  const { minutes, world } = capabilityOf({ one: 100, two: 100, three: 0 });
  const bad = JSON.stringify(healthOf({ ejectedUntil: 3 * MINUTE_MS, reason: '9 of 10 attempts failed' }));
  world.items.set('one', { weight: 100, health: bad });
  await minutes(1, BOTH);
  expect(world.logged).toEqual([]);

  world.items.set('two', { weight: 100, health: bad });
  await minutes(3, BOTH);
  expect(world.logged).toEqual(['no agent of a capability is healthy']);
});
