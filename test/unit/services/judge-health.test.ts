import { expect, test } from 'vitest';
import { totalsOf } from '../../../events/metrics-record.ts';
import type { LatestSnapshot, Snapshot } from '../../../events/snapshot.ts';
import { judgeHealth } from '../../../functions/services/probe/judge-health.ts';

const INTERVAL_MS = 60_000;
/** The first ejection lasts two looks. */
const EJECTION_MS = 2 * INTERVAL_MS;

const empty = { visible: 0, inFlight: 0, delayed: 0 };

/** What happened between two looks. */
interface Interval {
  readonly processed?: number;
  readonly rejected?: number;
  readonly retries?: number;
  readonly deadLettered?: number;
  readonly waiting?: number;
  readonly inFlight?: number;
  readonly isPaused?: boolean;
}

/** What the probe judges, look by look, in a look each minute. The first look is before anything happened. */
function judged(...intervals: readonly Interval[]) {
  const counters = { processed: 0, rejected: 0, retries: 0, deadLettered: 0, deliveries: 0 };
  let last: LatestSnapshot | undefined;
  return [{}, ...intervals].map(({ waiting = 0, inFlight = 0, isPaused = false, ...counts }: Interval, index) => {
    for (const name of ['processed', 'rejected', 'retries', 'deadLettered'] as const) {
      counters[name] += counts[name] ?? 0;
      counters.deliveries += counts[name] ?? 0;
    }
    const totals = totalsOf([]);
    const now: Snapshot = {
      ...{ agent: 'one', version: '1.0.0', at: index * INTERVAL_MS, concurrency: 10, shards: 1, isPaused },
      totals: { ...totals, counters: { ...totals.counters, ...counters } },
      own: { counters: {}, timers: {}, models: {}, overflow: 0 },
      queues: { inbox: { ...empty, visible: waiting, inFlight }, errors: empty, deadLetters: empty },
    };
    const health = judgeHealth({ now, before: last?.now }, last);
    last = { now, before: last?.now, health };
    return health;
  });
}

const lastOf = (...intervals: readonly Interval[]) => judged(...intervals).at(-1);
const ejectedLooks = (...intervals: readonly Interval[]) => judged(...intervals).map(({ at, ejectedUntil = 0 }) => ejectedUntil > at);

const GOOD = { processed: 100 };
const BAD = { processed: 1, retries: 9 };
const IDLE = {};

test('two bad looks in a row eject an agent, one does not', () => {
  expect(ejectedLooks(GOOD, BAD)).toEqual([false, false, false]);
  expect(ejectedLooks(BAD, GOOD, BAD)).toEqual([false, false, false, false]);
  expect(ejectedLooks(GOOD, BAD, BAD)).toEqual([false, false, false, true]);
  expect(lastOf(BAD, BAD)).toMatchObject({ isBad: true, reason: '9 of 10 attempts failed', errorShare: 0.9, ejections: 1 });
});

test('rejected messages are no fault of the agent, a few attempts say nothing, and idle is neither good nor bad', () => {
  expect(lastOf({ rejected: 100 }, { rejected: 100 })).toMatchObject({ isBad: false, errorShare: 0 });
  expect(lastOf({ retries: 4 }, { retries: 4 })).toMatchObject({ isBad: false });
  expect(lastOf(GOOD, IDLE, IDLE)).toMatchObject({ isBad: false, inRow: 1 });
  expect(ejectedLooks(BAD, IDLE, BAD)).toEqual([false, false, false, true]);
});

test('half of the attempts is bad, less is not', () => {
  expect(lastOf({ processed: 5, retries: 5 })).toMatchObject({ isBad: true });
  expect(lastOf({ processed: 6, deadLettered: 5 })).toMatchObject({ isBad: false });
});

test('it comes back after its ejection, and the next bad look ejects it at once and for longer', () => {
  const looks = judged(BAD, BAD, IDLE, IDLE, BAD, IDLE, IDLE, IDLE, GOOD);

  expect(looks.map(({ ejections }) => ejections)).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 2, 1]);
  expect(looks[2]?.ejectedUntil).toBe(2 * INTERVAL_MS + EJECTION_MS);
  expect(looks[5]?.ejectedUntil).toBe(5 * INTERVAL_MS + 2 * EJECTION_MS);
  expect(looks.at(-1)).toMatchObject({ isBad: false, ejectedUntil: undefined });
});

test('an ejection lasts at most ten times as long as the first', () => {
  const many = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? BAD : { retries: 9 }));
  const longest = Math.max(...judged(...many).map(({ at, ejectedUntil = 0 }) => ejectedUntil - at));

  expect(longest).toBe(10 * EJECTION_MS);
});

test('messages that wait while none is received are bad; it stays ejected for as long as that is so', () => {
  const stuck = { waiting: 7 };

  expect(ejectedLooks(stuck, stuck, stuck, stuck, stuck, stuck)).toEqual([false, false, true, true, true, true, true]);
  expect(lastOf(stuck, stuck)).toMatchObject({ reason: 'messages wait, and none is received' });
  expect(lastOf({ ...stuck, isPaused: true })).toMatchObject({ isBad: true, reason: 'it is paused' });
  expect(lastOf({ waiting: 7, inFlight: 10 })).toMatchObject({ isBad: false });
  expect(lastOf({ waiting: 7, processed: 1 })).toMatchObject({ isBad: false });
});
