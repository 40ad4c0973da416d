import { drainOf, type LoadReading, slowestOf } from '../../events/load-reading.ts';

// How fast a producer may send: a pure function of what the mesh publishes about its target. See docs/adr/0025-the-governor.md.

/** Where a producer is with one target. */
export interface Pace {
  /** Messages each second. */
  readonly ratePerSecond: number;
  /** The rate in the interval before: what the agent has just been measured with. */
  readonly lastRatePerSecond: number;
  /** The last reading; `undefined` before the first. */
  readonly reading: LoadReading | undefined;
  /** What is added to the rate because the wait has been too short or too long for some time, as a share of the drain rate. */
  readonly correction: number;
  /** The agent, or one further down, was stalled. */
  readonly wasStalled: boolean;
}

/** Of a target of which nothing is known. */
const FIRST_RATE = 10;

/** What is sent to an agent that is stalled: enough to find out that it no longer is. */
export const TRICKLE_PER_SECOND = 0.1;

/** Half of the goal: the other half is for what the reading does not show yet. */
const SET_POINT = 0.5;

/** A wait that is off the set point is mended in so many intervals, and in three minutes at most. With less it swings: readings are late. */
const HORIZON_INTERVALS = 3;
const MAX_HORIZON_SECONDS = 180;

/** How much the correction changes with one reading, and how large it becomes. */
const CORRECTION_STEP = 0.03;
const MAX_CORRECTION = 0.3;

/** It fades, so that producers which began at different times come to have the same. */
const KEPT_CORRECTION = 0.97;

/** A rate changes by these factors at most with one reading. */
const MIN_FACTOR = 0.25;
const MAX_FACTOR = 1.3;

/** Where nothing waits and concurrency is left, the rate doubles: what an agent can do with little to do says little. */
const START_FACTOR = 2;

/** With more of its concurrency in use, an agent has none left to find out. */
const SPARE_BUSY_SHARE = 0.7;

/** Of the goal. */
const BURST_SHARE = 0.1;

/** A pressure that is none. */
const NO_PRESSURE = 0.01;

/** A rate above this share of the drain rate falls a little against the others, one below it rises: so all come to have the same. */
const FAIR_SHARE = 0.1;
const FAIR_EXPONENT = 0.1;

/** Beside an agent that is fully used, no rate is more than so many times what it drains. */
const MAX_EXCESS = 1.5;

/** Readings that are older than so many intervals are no longer believed. */
const STALE_INTERVALS = 3;

/** A look may follow another one by chance: that is no shorter interval. */
const MIN_STALE_SECONDS = 180;

/** In the place of an id that nobody asks for. */
const OWN = '';

/** Where a producer begins with a target. */
export const FIRST_PACE: Pace = {
  ratePerSecond: FIRST_RATE,
  lastRatePerSecond: FIRST_RATE,
  reading: undefined,
  correction: 0,
  wasStalled: false,
};

/**
 * The pace after a new reading. The rate follows what the agent drains: of what arrived in the last interval it takes the share that
 * brings the expected wait to half of the goal. It compares that with the rate that it had then, not with the one that it has now, so
 * that a change which the reading cannot show yet is not made twice.
 *
 * @param reading newer than the last one
 */
export function nextPace(pace: Pace, reading: LoadReading): Pace {
  const { ratePerSecond, lastRatePerSecond } = pace;
  const next = (rate: number, rest: Partial<Pace> = {}): Pace => ({
    ...pace,
    reading,
    wasStalled: false,
    lastRatePerSecond: ratePerSecond,
    // A comparison with what is no number is false.
    ratePerSecond: rate > TRICKLE_PER_SECOND ? rate : TRICKLE_PER_SECOND,
    ...rest,
  });
  const slowest = slowestOf(OWN, reading);
  // The agent, or one further down, is stalled.
  if (slowest?.drainRatio === 0) return next(TRICKLE_PER_SECOND, { wasStalled: true });
  const drain = drainOf(reading);
  if (drain === undefined) {
    const mayGrow = reading.backlog === 0 && (slowest?.pressure ?? 0) < SET_POINT;
    if (mayGrow) return next(Math.min(ratePerSecond * MAX_FACTOR, FIRST_RATE * 10));
    // While messages wait and none is drained, what it could do before is believed only where it is little.
    return next(Math.min(ratePerSecond / 2, (reading.capacityPerSecond ?? Number.POSITIVE_INFINITY) * MAX_EXCESS));
  }
  if (slowest === undefined) return next(ratePerSecond);
  const share = drain * FAIR_SHARE;
  // As one among many, of whom nobody knows how many they are.
  if (pace.wasStalled || pace.reading === undefined)
    return next(
      hasRoom(reading) ? Math.max(share, Math.min(drain, FIRST_RATE)) : Math.min(FIRST_RATE, share * Math.min(1, slowest.drainRatio)),
    );
  if (hasRoom(reading) && hasRoom(pace.reading) && slowest.pressure < NO_PRESSURE)
    return next(Math.min(ratePerSecond * START_FACTOR, Math.max(drain * MAX_EXCESS, reading.drainPerSecond * START_FACTOR)));
  const offGoal = SET_POINT - slowest.pressure;
  const correction = clamp(pace.correction * KEPT_CORRECTION + clamp(offGoal, -1, 1) * CORRECTION_STEP, -MAX_CORRECTION, MAX_CORRECTION);
  const horizonSeconds = Math.min(MAX_HORIZON_SECONDS, HORIZON_INTERVALS * reading.intervalSeconds);
  const wanted = Math.max(0.1, 1 + (offGoal * slowest.goalSeconds) / horizonSeconds + correction);
  const factor = slowest.drainRatio * wanted;
  const fairness = clamp((ratePerSecond / share) ** -FAIR_EXPONENT, 0.5, MAX_FACTOR);
  const measuredWith = (ratePerSecond + lastRatePerSecond) / 2;
  const rate = clamp(
    measuredWith * clamp(factor, MIN_FACTOR, MAX_FACTOR) * fairness,
    ratePerSecond * MIN_FACTOR,
    ratePerSecond * MAX_FACTOR,
  );
  return next(Math.min(rate, drain * MAX_EXCESS), { correction });
}

/**
 * The pace while no new reading comes. It holds where nothing waited, as far as that is known; otherwise it falls with each interval, down
 * to a trickle.
 *
 * @param sentSince as for {@link expectedPressure}
 * @param now epoch milliseconds
 */
export function withoutReading(pace: Pace, sentSince: number, now: number): Pace {
  const { reading, ratePerSecond } = pace;
  if (reading === undefined || now - reading.at < Math.max(MIN_STALE_SECONDS, STALE_INTERVALS * reading.intervalSeconds) * 1_000)
    return pace;
  if (reading.backlog === 0 && expectedPressure(pace, sentSince, now) < SET_POINT) return pace;
  return { ...pace, ratePerSecond: Math.max(TRICKLE_PER_SECOND, ratePerSecond / 2) };
}

/**
 * The expected wait of a message sent now, divided by the agent's goal: of what waited, what this producer has sent since, what the others
 * have if they go on as before, and what was drained in that time. That of the slowest agent further down, if it is more.
 *
 * @param sentSince messages of this producer since the probe looked
 * @param now epoch milliseconds
 */
export function expectedPressure({ reading, lastRatePerSecond }: Pace, sentSince: number, now: number): number {
  if (reading === undefined) return 0;
  const seen = slowestOf(OWN, reading)?.pressure ?? 0;
  const drain = drainOf(reading);
  if (reading.isStalled || drain === undefined) return seen;
  const seconds = Math.max(0, now - reading.at) / 1_000;
  const byOthers = Math.min(drain, Math.max(0, reading.arrivedPerSecond - lastRatePerSecond)) * seconds;
  const backlog = Math.max(0, reading.backlog + sentSince + byOthers - drain * seconds);
  return Math.max(reading.downstream?.pressure ?? 0, backlog / drain / reading.goalSeconds);
}

/** What fails and is tried again later does not wait, and does not keep an agent busy, but it is not drained. */
const hasRoom = ({ backlog, busyShare = 1, busiestDownstream = 0, drainPerSecond, arrivedPerSecond }: LoadReading): boolean =>
  backlog === 0 && Math.max(busyShare, busiestDownstream) < SPARE_BUSY_SHARE && drainPerSecond >= arrivedPerSecond / 2;

/**
 * Messages that a producer may send at once after a pause: those of a second, or as many as let the wait grow by a tenth of the goal. So a
 * few messages go at once, however slow the beginning is.
 */
export function burstOf({ ratePerSecond, reading, wasStalled }: Pace): number {
  const least = Math.max(1, ratePerSecond);
  if (reading === undefined || wasStalled || (slowestOf(OWN, reading)?.pressure ?? 0) >= SET_POINT) return least;
  return Math.max(least, (drainOf(reading) ?? 0) * reading.goalSeconds * BURST_SHARE);
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
