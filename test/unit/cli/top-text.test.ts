import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { topText } from '../../../cli/commands/top/top-text.ts';
import type { AgentMetrics } from '../../../client/index.ts';
import { agentMetrics } from '../../../client/metrics/agent-metrics.ts';
import { totalsOf } from '../../../events/metrics-record.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DEPTH = { visible: 0, inFlight: 0, delayed: 0 };

/** An agent of which a snapshot was taken five seconds ago. */
function metricsOf(agent: string, changes: Partial<AgentMetrics> = {}): AgentMetrics {
  const now = {
    ...{ agent, version: '1.0.0', at: NOW - 5_000, concurrency: 10, shards: 1, totals: totalsOf([]) },
    own: { counters: {}, timers: {}, models: {}, overflow: 0 },
    queues: { inbox: DEPTH, errors: DEPTH, deadLetters: DEPTH },
  };
  return { ...agentMetrics({ now, before: { ...now, at: now.at - 300_000 } }), ...changes };
}

const counts = (changes: Partial<AgentMetrics['counts']>) => ({ ...metricsOf('any').counts, ...changes });

const LOADED = metricsOf('order-processing-in-the-eu', {
  outcomesPerSecond: 12_345.6,
  counts: counts({ processed: 300_000, rejected: 12_345, deadLettered: 9_999, retries: 1_234_567, duplicates: 45_678 }),
  wait: { count: 1, p50Ms: 59_949, p95Ms: 754_000 },
  handle: { count: 1, p50Ms: 999, p95Ms: 45_296_000 },
  load: 1,
  isPaused: true,
  queues: {
    inbox: { visible: 1_234_567, inFlight: 12_000, delayed: 0 },
    errors: { visible: 12_345, inFlight: 0, delayed: 0 },
    deadLetters: { visible: 99_999, inFlight: 0, delayed: 1 },
  },
});

const linesAt = (columns: number, ...metrics: readonly AgentMetrics[]) =>
  stripVTControlCharacters(topText(metrics, { nowMs: NOW, columns })).split('\n');

test('fits 80 columns under load: numbers are compact, durations have six characters at most', () => {
  const lines = linesAt(80, LOADED, metricsOf('idle'));

  expect(lines.slice(0, 3)).toEqual([
    'AGENT                 MSG/S DONE REJ DEAD RETRY QUEUED BUSY WAIT95 HAND95   LOAD',
    'order-processing-in-…   12k 300k 12k 9999  1.2M   1.2M  12k 12m34s 12h34m paused',
    'idle                      -    -   -    -     -      -    -      -      -     0%',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each([110, 120, 150])('fits %i columns under load, with medians', (columns) => {
  const lines = linesAt(columns, LOADED);

  expect(lines[0]).toContain('WAIT P50/P95');
  expect(lines[1]).toContain('59.9 s / 12m34s');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
});

test('has the depths of the error queue and of the dead-letter queue where there is room', () => {
  const [head = '', line = ''] = linesAt(120, LOADED);

  const cells = (text: string) => text.split(/ {2,}/);
  expect(cells(head).slice(8, 11)).toEqual(['BUSY', 'ERRS', 'DLQ']);
  expect(cells(line).slice(8, 11)).toEqual(['12k', '12k', '100k']);
  expect(linesAt(110, LOADED)[0]).not.toContain('DLQ');
});

test.each([
  [0, '-'],
  [9_999, '9999'],
  [10_000, '10k'],
  [999_499, '999k'],
  [999_500, '1M'],
  [9_949_999, '9.9M'],
  [9_950_000, '10M'],
  [1e9, '1B'],
  [1e13, '10T'],
])('shows %d messages as %s', (processed, shown) => {
  expect(linesAt(80, metricsOf('one', { counts: counts({ processed }) }))[1]?.split(/ +/)[2]).toBe(shown);
});

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [59_949, '59.9 s'],
  [59_950, '59s'],
  [3_599_000, '59m59s'],
  [3_660_000, '1h1m'],
  [86_400_000, '1d'],
  [1_036_799_000, '11d23h'],
])('shows %d milliseconds as %s', (p95Ms, shown) => {
  expect(linesAt(80, metricsOf('one', { wait: { count: 1, p50Ms: 1, p95Ms } }))[1]).toMatch(new RegExp(` ${shown} +- +0%$`));
});

test('marks an agent whose snapshot is old, and warns by the oldest, however new the others are', () => {
  const old = metricsOf('old', { at: new Date(NOW - 500_000), load: 0.5, isPaused: true });
  const lines = linesAt(80, metricsOf('new'), old, metricsOf('other'));

  expect(lines.map((line) => line.split(/ +/).at(-1)).slice(1, 4)).toEqual(['0%', 'stale', '0%']);
  expect(lines.slice(-2)).toEqual([
    'Counts and durations of the last 5m; oldest snapshot of 8m 20s ago',
    '1 of 3 agents has no new snapshot: look at the log of mesh-probe',
  ]);
});

test.each([
  ['one that says no interval: it is a minute', 60, 180],
  ['one of ten minutes', 600, 1_800],
  ['one of seconds, which are no sign of anything when a laptop is busy', 5, 180],
])('a snapshot is old after three intervals: %s', (_case, snapshotIntervalSeconds, seconds) => {
  const at = (age: number) => linesAt(80, metricsOf('one', { snapshotIntervalSeconds, at: new Date(NOW - age * 1_000) }))[1];

  expect(at(seconds)).toMatch(/0%$/);
  expect(at(seconds + 1)).toMatch(/stale$/);
});

test('says how old the snapshots are, by the oldest', () => {
  const lines = linesAt(80, metricsOf('new'), metricsOf('late', { at: new Date(NOW - 70_000) }));

  expect(lines.at(-1)).toBe('Counts and durations of the last 5m; snapshot of 1m 10s ago');
});

test('says which agents hold their producers back, and why', () => {
  const reading = { at: NOW - 5_000, intervalSeconds: 60, backlog: 410, drainPerSecond: 10, arrivedPerSecond: 10, goalSeconds: 30 };
  const braking = (agent: string, minutes: number, isStalled = false): AgentMetrics =>
    metricsOf(agent, { expectedWaitSeconds: 41, reading: { ...reading, isStalled, brakedSince: NOW - minutes * 60_000 } });
  const name = 'an-agent-whose-name-has-all-of-the-48-characters';
  const agents = [
    braking(name, 7),
    braking('stuck', 60, true),
    metricsOf('idle'),
    metricsOf('new', { reading: { ...reading, isStalled: false } }),
  ];
  const brakes = (columns: number, ...metrics: readonly AgentMetrics[]) => linesAt(columns, ...metrics).slice(metrics.length + 2, -1);

  expect(brakes(80, ...agents)).toEqual([
    'stuck holds producers back for 1h: none is received',
    'an-agent-whose-name-has-all-of-… holds producers back for 7m: wait 41s, goal 30s',
  ]);
  expect(brakes(120, ...agents)[1]).toMatch(new RegExp(`^${name} holds`));
  expect(brakes(80, ...agents, braking('three', 3), braking('four', 2)).slice(2)).toEqual([
    'three holds producers back for 3m: wait 41s, goal 30s',
    'and 1 more: posthorn top --json has them',
  ]);
  // It may be over: the line on the snapshots says so.
  expect(brakes(80, { ...braking('old', 7), at: new Date(NOW - 600_000) })).toEqual([expect.stringContaining('oldest snapshot')]);
});
