import { type LatestSnapshot, windowOf } from '../../events/snapshot.ts';
import { atFullConcurrency, outcomesOf } from './measured-load.ts';

/** How busy an agent is, by its latest snapshot. */
export interface AgentLoad {
  /** The share of its concurrency in use, 0 to 1; `undefined` while there is only one snapshot. */
  readonly load: number | undefined;
  /** Messages in the inbox that wait. */
  readonly backlog: number;
  /** Messages with an outcome, each second; `undefined` while there is only one snapshot. */
  readonly drainPerSecond: number | undefined;
  /** How long a message that is sent now waits before it is received; `undefined` where nothing shows it. */
  readonly expectedWaitSeconds: number | undefined;
}

/**
 * An agent's load, and the expected wait of a message sent now: the backlog divided by the rate at which it drains. While messages waited
 * at both ends of the window, that is the measured rate. Otherwise the agent was not fully used, and it is the rate at full concurrency.
 */
export function agentLoad(latest: LatestSnapshot): AgentLoad {
  const { concurrency, queues } = latest.now;
  const backlog = queues.inbox.visible;
  const window = windowOf(latest);
  if (window === undefined) return { load: undefined, backlog, drainPerSecond: undefined, expectedWaitSeconds: waitOf(backlog, 0) };
  const { busyMs } = window.totals.counters;
  const outcomes = outcomesOf(window.totals);
  const drainPerSecond = outcomes / window.seconds;
  const waitedThroughout = backlog > 0 && (latest.before?.queues.inbox.visible ?? 0) > 0;
  const rate = waitedThroughout ? drainPerSecond : (atFullConcurrency(outcomes, busyMs, concurrency) ?? drainPerSecond);
  return {
    load: Math.min(1, busyMs / 1_000 / window.seconds / concurrency),
    backlog,
    drainPerSecond,
    expectedWaitSeconds: waitOf(backlog, rate),
  };
}

function waitOf(backlog: number, ratePerSecond: number): number | undefined {
  if (backlog === 0) return 0;
  return ratePerSecond > 0 ? backlog / ratePerSecond : undefined;
}
