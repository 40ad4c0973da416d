import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  burstOf,
  expectedPressure,
  FIRST_PACE,
  nextPace,
  type Pace,
  TRICKLE_PER_SECOND,
  withoutReading,
} from '../../../../client/producer/governor.ts';
import type { LoadReading } from '../../../../events/load-reading.ts';

const readingOf = (rest: Partial<LoadReading> = {}): LoadReading => ({
  ...{ at: 60_000, intervalSeconds: 60, backlog: 0, drainPerSecond: 50, arrivedPerSecond: 50, capacityPerSecond: 100 },
  ...{ goalSeconds: 30, isStalled: false },
  ...rest,
});

/** The pace after readings, a minute apart. */
const paceAfter = (...readings: readonly Partial<LoadReading>[]): Pace =>
  readings.reduce<Pace>((pace, reading, index) => nextPace(pace, readingOf({ at: (index + 1) * 60_000, ...reading })), FIRST_PACE);

const rateAfter = (...readings: readonly Partial<LoadReading>[]): number => paceAfter(...readings).ratePerSecond;

describe('The governor', () => {
  test('begins as one among many', () => {
    expect(rateAfter({ drainPerSecond: 0, arrivedPerSecond: 0 })).toBe(10);
    expect(rateAfter({ drainPerSecond: 70 })).toBe(10);
    expect(rateAfter({ drainPerSecond: 100, arrivedPerSecond: 400, backlog: 500 })).toBe(2.5);
    // Of an agent with room a tenth, of a busy one no more than of one of which nothing is known.
    expect(rateAfter({ busyShare: 0.2, capacityPerSecond: 10_000 })).toBe(1_000);
    expect(rateAfter({ busyShare: 0.8, capacityPerSecond: 10_000 })).toBe(10);
    // A slow one has few producers.
    expect(rateAfter({ busyShare: 0.2, drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: 4 })).toBe(4);
    expect(rateAfter({ busyShare: 0.2, drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: 40 })).toBe(10);
  });

  test('lets some messages go at once after a pause, for which nobody waits long, and none of them where many wait already', () => {
    const burstAfter = (...readings: readonly Partial<LoadReading>[]): number => burstOf(paceAfter(...readings));

    expect(burstOf(FIRST_PACE)).toBe(10);
    expect(burstAfter({ goalSeconds: 30 })).toBe(300);
    expect(burstAfter({ goalSeconds: 0.5 })).toBe(10);
    expect(burstAfter({ backlog: 2_000, drainPerSecond: 100 })).toBe(10);
    expect(burstAfter({ downstream: { agent: 'last', pressure: 0.6, goalSeconds: 30, drainRatio: 1 } })).toBe(10);
    expect(burstAfter({ isStalled: true, backlog: 5 })).toBe(1);
    expect(burstAfter({ drainPerSecond: 0, capacityPerSecond: undefined })).toBe(13);
  });

  test('goes up step by step where nothing is known of the agent', () => {
    const unknown = { drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: undefined };
    const rates = Array.from({ length: 30 }, (_, count) => rateAfter(...Array<typeof unknown>(count + 1).fill(unknown)));

    expect(rates[0]).toBeGreaterThan(FIRST_PACE.ratePerSecond);
    expect(rates).toEqual([...rates].sort((one, other) => one - other));
    expect(rates.at(-1)).toBe(100);
  });

  test('falls when messages wait longer than half of the goal, and rises when they wait for less', () => {
    const start = { drainPerSecond: 0, arrivedPerSecond: 0 };
    const full = { drainPerSecond: 100, arrivedPerSecond: 100 };

    expect(rateAfter(start, { ...full, backlog: 6_000 })).toBeLessThan(rateAfter(start, { ...full, backlog: 3_000 }));
    expect(rateAfter(start, { ...full, backlog: 3_000 })).toBeLessThan(rateAfter(start, { ...full, backlog: 100 }));
  });

  test('doubles where nothing waits and concurrency is left, whatever the agent seemed to be able to do, and no further than it drains', () => {
    const idle = { busyShare: 0.1, drainPerSecond: 4, arrivedPerSecond: 4, capacityPerSecond: 5 };
    const first = rateAfter(idle);

    expect(rateAfter(idle, { ...idle, drainPerSecond: 20 })).toBe(2 * first);
    expect(rateAfter(idle, { ...idle, drainPerSecond: 20 }, { ...idle, drainPerSecond: 20 })).toBe(4 * first);
    // Its own messages are few: it does not earn more with them.
    expect(rateAfter(...Array<typeof idle>(50).fill(idle))).toBeLessThanOrEqual(8);
    for (const reason of [{ busyShare: 0.7 }, { busyShare: undefined }, { backlog: 1 }])
      expect(rateAfter(idle, { ...idle, drainPerSecond: 20, ...reason })).toBeLessThan(2 * first);
    expect(rateAfter(idle, { ...idle, drainPerSecond: 20, busiestDownstream: 0.8 })).toBeLessThan(2 * first);
    const downstream = { agent: 'last', pressure: 0.02, goalSeconds: 30, drainRatio: 3 };
    expect(rateAfter(idle, { ...idle, drainPerSecond: 20, downstream })).toBeLessThan(2 * first);
  });

  test('falls for an agent further down that is slower, although the inbox is empty', () => {
    const downstream = { agent: 'last', pressure: 4, goalSeconds: 30, drainRatio: 0.5 };

    expect(rateAfter({ drainPerSecond: 0 }, { downstream })).toBeLessThan(rateAfter({ drainPerSecond: 0 }, {}) / 1.5);
  });

  test('begins slowly where an agent further down is slow, and with a trickle where that one receives nothing', () => {
    const idle = { drainPerSecond: 0, arrivedPerSecond: 0 };
    const downstream = (pressure: number, drainRatio: number) => ({ agent: 'last', pressure, goalSeconds: 30, drainRatio });

    expect(rateAfter({ ...idle, downstream: downstream(0.1, 1) })).toBe(10);
    expect(rateAfter({ ...idle, downstream: downstream(4, 0.5) })).toBe(5);
    expect(rateAfter({ ...idle, downstream: downstream(4, 3) })).toBe(10);
    expect(rateAfter({ ...idle, downstream: downstream(1_000, 0) })).toBe(TRICKLE_PER_SECOND);
    expect(rateAfter({}, { downstream: downstream(1_000, 0) })).toBe(TRICKLE_PER_SECOND);
    expect(rateAfter({}, { downstream: downstream(1_000, 0) }, {})).toBeCloseTo(10);
  });

  test('goes on from its rate when it becomes known what the agent can do', () => {
    const unknown = { drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: undefined };

    expect(rateAfter(unknown, unknown, { drainPerSecond: 10, arrivedPerSecond: 10, capacityPerSecond: 200 })).toBeCloseTo(19.8, 1);
  });

  test('sends a trickle to an agent that receives nothing, and begins as one among many when it receives again', () => {
    const stalled = { isStalled: true, backlog: 900, drainPerSecond: 0 };

    expect(rateAfter({}, stalled)).toBe(TRICKLE_PER_SECOND);
    expect(rateAfter({}, stalled, stalled, { backlog: 500, drainPerSecond: 80 })).toBeCloseTo(8);
  });

  test('without new readings it holds where nothing waited, and falls to a trickle otherwise', () => {
    const [idle, waiting] = [paceAfter({}), paceAfter({ backlog: 10 })];
    const minutes = (pace: Pace, count: number) =>
      Array.from({ length: count }).reduce<Pace>((last, _, index) => withoutReading(last, 0, (index + 4) * 60_000), pace);

    expect(minutes(idle, 60)).toEqual(idle);
    expect(withoutReading(waiting, 0, 3 * 60_000)).toEqual(waiting);
    expect(minutes(waiting, 1).ratePerSecond).toBe(waiting.ratePerSecond / 2);
    expect(minutes(waiting, 60).ratePerSecond).toBe(TRICKLE_PER_SECOND);
  });

  test('does not take a healthy past for the present: an agent at which all hang or fail gets no more, and less', () => {
    const healthy = { drainPerSecond: 100, arrivedPerSecond: 100, busyShare: 0.5 };
    const start = rateAfter(healthy, healthy);

    // Messages wait, and none is finished any more.
    expect(rateAfter(healthy, healthy, { drainPerSecond: 0, arrivedPerSecond: 100, backlog: 6_000, busyShare: 0 })).toBe(start / 2);
    // All fail and are tried again later: they do not wait, and the agent is not busy.
    expect(rateAfter(healthy, healthy, { drainPerSecond: 0, arrivedPerSecond: 100, backlog: 0, busyShare: 0.01 })).toBeLessThanOrEqual(
      start * 1.3,
    );
    // A new agent, whose first message takes long.
    const unknown = { drainPerSecond: 0, arrivedPerSecond: 10, capacityPerSecond: undefined, backlog: 600 };
    expect(rateAfter(unknown, unknown)).toBe(2.5);
    // One that never could do much, and has finished nothing in this interval.
    expect(rateAfter({ ...unknown, capacityPerSecond: 0.2 })).toBeCloseTo(0.3);
  });

  test('falls without news when it knows from its own messages that many wait', () => {
    const pace = paceAfter({}, {});
    expect(withoutReading(pace, 0, 60_000 * 20)).toEqual(pace);
    expect(withoutReading(pace, 1_000_000, 60_000 * 20).ratePerSecond).toBe(pace.ratePerSecond / 2);
  });

  test('expects a wait of what waited, what came since, and what was drained', () => {
    const pace = { ...paceAfter({}), lastRatePerSecond: 10 };
    const at = (readings: Partial<LoadReading>, sent: number, seconds: number) =>
      expectedPressure({ ...pace, reading: readingOf({ at: 0, drainPerSecond: 100, ...readings }) }, sent, seconds * 1_000);

    expect(at({ backlog: 3_000, arrivedPerSecond: 100 }, 0, 0)).toBe(1);
    // Others go on with 90 a second, this one with 10.
    expect(at({ backlog: 3_000, arrivedPerSecond: 100 }, 600, 60)).toBe(1);
    expect(at({ backlog: 3_000, arrivedPerSecond: 10 }, 0, 15)).toBe(0.5);
    expect(at({ arrivedPerSecond: 10 }, 9_000, 60)).toBe(1);
    expect(at({ isStalled: true, backlog: 3_000 }, 0, 3_600)).toBeGreaterThan(1);
  });

  test('whatever it reads, the rate is a number, never 0, and never far above what the agent drains', () => {
    const number = fc.double({ min: 0, max: 1e9, noNaN: true });
    const reading = fc.record({
      ...{ backlog: number, drainPerSecond: number, arrivedPerSecond: number, capacityPerSecond: fc.option(number, { nil: undefined }) },
      ...{ goalSeconds: fc.double({ min: 0, max: 86_400, noNaN: true }), isStalled: fc.boolean() },
      downstream: fc.option(fc.record({ agent: fc.constant('last'), pressure: number, goalSeconds: fc.constant(30), drainRatio: number }), {
        nil: undefined,
      }),
    });

    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), (readings) => {
        const { ratePerSecond } = paceAfter(...readings);
        const last = readings.at(-1);
        const most = Math.max(last?.drainPerSecond ?? 0, last?.capacityPerSecond ?? 0) * 1.5;
        expect(ratePerSecond).toBeGreaterThanOrEqual(TRICKLE_PER_SECOND);
        expect(ratePerSecond).toBeLessThanOrEqual(Math.max(most, 100, TRICKLE_PER_SECOND));
      }),
    );
  });
});
