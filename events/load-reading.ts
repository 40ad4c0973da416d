/** An agent further down, to whose inbox the producer does not send itself. */
export interface Downstream {
  readonly agent: string;
  /** Its expected wait, divided by its goal. */
  readonly pressure: number;
  readonly goalSeconds: number;
  /** What it drains or could drain, divided by what arrived there. */
  readonly drainRatio: number;
}

/** How busy an agent is, as the probe publishes it for producers, and the slowest of the agents that it calls. */
export interface LoadReading {
  /** When the probe looked, epoch milliseconds. */
  readonly at: number;
  /** For how long the probe had not looked before. */
  readonly intervalSeconds: number;
  /** Messages that waited. SQS counts them late, by up to a minute. */
  readonly backlog: number;
  /** Messages with an outcome each second, in that interval. */
  readonly drainPerSecond: number;
  /** Messages that arrived each second, in that interval. */
  readonly arrivedPerSecond: number;
  /** Messages each second that it could handle; `undefined` for an agent that has handled none lately. */
  readonly capacityPerSecond?: number | undefined;
  /** The wait that a message should have at most. */
  readonly goalSeconds: number;
  /** Messages waited, and none was received. */
  readonly isStalled: boolean;
  /** The slowest of the agents that this one calls, directly or not; `undefined` where it calls none of which anything is known. */
  readonly downstream?: Downstream | undefined;
}

/** What an agent drains each second, or would if it had more to do; `undefined` where nothing is known of it. */
export function drainOf({ backlog, drainPerSecond, capacityPerSecond = 0 }: LoadReading): number | undefined {
  // While messages wait, it drains as fast as it can.
  const drain = backlog > 0 && drainPerSecond > 0 ? drainPerSecond : Math.max(capacityPerSecond, drainPerSecond);
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
