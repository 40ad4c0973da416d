import * as z from 'zod/mini';

// What the probe publishes for producers, in each agent's latest snapshot.

/** An agent further down, to whose inbox the producer does not send itself. */
export interface Downstream {
  readonly agent: string;
  /** Its expected wait, divided by its goal. */
  readonly pressure: number;
  readonly goalSeconds: number;
  /** What it drains or could drain, divided by what arrived there. */
  readonly drainRatio: number;
}

/** How busy an agent is, and the slowest of the agents that it calls: what producers steer by. */
export interface LoadReading {
  /** When the probe looked, epoch milliseconds. */
  readonly at: number;
  /** The probe looks again after so long. */
  readonly intervalSeconds: number;
  /** Messages that waited. SQS counts them late, by up to a minute. */
  readonly backlog: number;
  /** Messages that were handled each second, since the look before; over the last minutes where messages wait and none was. */
  readonly drainPerSecond: number;
  /** Messages that arrived each second, since the look before. */
  readonly arrivedPerSecond: number;
  /** Messages each second that it could handle when it last had something to do; `undefined` for one that has handled none. */
  readonly capacityPerSecond?: number | undefined;
  /** The share of its concurrency that was in use since the look before, 0 to 1; `undefined` where it is not known. */
  readonly busyShare?: number | undefined;
  /** The wait that a message should have at most. */
  readonly goalSeconds: number;
  /** Messages waited at this look and at the one before, and none was received in between, or none was handled for minutes. */
  readonly isStalled: boolean;
  /** Since when producers are held back for this agent's own sake, epoch milliseconds; `undefined` while none is. */
  readonly brakedSince?: number | undefined;
  /** The slowest of the agents that this one calls, directly or not; `undefined` where it calls none of which anything is known. */
  readonly downstream?: Downstream | undefined;
  /** The share in use of the busiest of the agents that this one calls, directly or not; `undefined` where it is known of none. */
  readonly busiestDownstream?: number | undefined;
}

const count = z.number().check(z.gte(0));
const share = z.number().check(z.gte(0), z.lte(1));

/** The form of a {@link LoadReading}. */
export const loadReadingSchema = z.object({
  at: z.number(),
  intervalSeconds: z.number().check(z.positive()),
  backlog: count,
  drainPerSecond: count,
  arrivedPerSecond: count,
  capacityPerSecond: z.optional(count),
  busyShare: z.optional(share),
  goalSeconds: z.number().check(z.positive()),
  isStalled: z.boolean(),
  brakedSince: z.optional(z.number()),
  downstream: z.optional(z.object({ agent: z.string(), pressure: count, goalSeconds: z.number().check(z.positive()), drainRatio: count })),
  busiestDownstream: z.optional(share),
});

/** What an agent drains each second, or would if it had more to do; `undefined` where nothing is known of it. */
export function drainOf({ backlog, drainPerSecond, capacityPerSecond = 0 }: LoadReading): number | undefined {
  // While messages wait it drains as fast as it can, whatever it could do before.
  const drain = backlog > 0 ? drainPerSecond : Math.max(capacityPerSecond, drainPerSecond);
  return drain > 0 ? drain : undefined;
}

/** An agent's own load; `undefined` where nothing is known of it. */
export function ownLoad(agent: string, reading: LoadReading): Downstream | undefined {
  const { backlog, goalSeconds, arrivedPerSecond, isStalled } = reading;
  const drain = drainOf(reading);
  if (isStalled) return { agent, goalSeconds, pressure: STALLED_PRESSURE, drainRatio: 0 };
  if (drain === undefined) return undefined;
  const drainRatio = arrivedPerSecond > 0 ? Math.min(MAX_DRAIN_RATIO, drain / arrivedPerSecond) : MAX_DRAIN_RATIO;
  return { agent, goalSeconds, pressure: backlog / drain / goalSeconds, drainRatio };
}

/** The agent that holds producers of this one back most: itself, or one further down; `undefined` where nothing is known. */
export const slowestOf = (agent: string, reading: LoadReading): Downstream | undefined =>
  slowerOf(ownLoad(agent, reading), reading.downstream);

/**
 * From this pressure on, an agent counts as braking its producers. Those that would send more keep the wait between a quarter and three
 * quarters of the goal; without them it is shorter.
 */
export const BRAKING_PRESSURE = 0.25;

/** What the probe logs of an agent at which messages wait for longer than its goal: an alarm counts these lines. */
export const ABOVE_GOAL_MESSAGE = 'the expected wait of an agent is above its goal';

/** What the probe logs of an agent for whose sake producers have been held back for too long: an alarm counts these lines. */
export const BRAKED_MESSAGE = 'producers of an agent have been held back for minutes';

/** From so many milliseconds on, producers have been held back for too long. */
export const BRAKED_TOO_LONG_MS = 300_000;

/** Of an agent whose messages wait while none is received. It is finite, so that it can be written as JSON. */
const STALLED_PRESSURE = 1_000;

/** Of an agent to which nothing came. */
const MAX_DRAIN_RATIO = 100;

/** The one that lets less through: that with the higher pressure; where that is the same, that which can take less more. */
export function slowerOf(one: Downstream | undefined, other: Downstream | undefined): Downstream | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.pressure !== other.pressure) return one.pressure > other.pressure ? one : other;
  return one.drainRatio <= other.drainRatio ? one : other;
}
