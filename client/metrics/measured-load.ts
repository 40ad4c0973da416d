import type { LoadReading } from '../../events/load-reading.ts';
import type { MetricsTotals } from '../../events/metrics-record.ts';
import { intervalSecondsOf, type LatestSnapshot, type Snapshot, windowOf } from '../../events/snapshot.ts';
import type { QueueDepth } from '../queues/queue-depth.ts';

/**
 * How busy an agent is by itself: its rates since the last look, and its capacity by the time that its batches took in the last minutes.
 *
 * @param last the look before; `undefined` before the second
 * @param goalSeconds the agent's `latencyGoalSeconds`
 */
export function measuredLoad(latest: LatestSnapshot, last: Snapshot | undefined, goalSeconds: number): LoadReading {
  const { now } = latest;
  const { inbox } = now.queues;
  const backlog = inbox.visible;
  const reading = { at: now.at, intervalSeconds: intervalSecondsOf(now), backlog, goalSeconds };
  const since = windowOf({ now, before: last });
  if (last === undefined || since === undefined) return { ...reading, drainPerSecond: 0, arrivedPerSecond: 0, isStalled: false };
  const outcomes = outcomesOf(since.totals);
  const arrived = outcomes + heldIn(inbox) - heldIn(last.queues.inbox);
  return {
    ...reading,
    drainPerSecond: outcomes / since.seconds,
    arrivedPerSecond: Math.max(0, arrived / since.seconds),
    capacityPerSecond: capacityOf(latest),
    busyShare: Math.min(1, since.totals.counters.busyMs / 1_000 / since.seconds / now.concurrency),
    // One that came just before a look is on its way: an idle agent is not stalled.
    isStalled: last.queues.inbox.visible > 0 && isStuck(now, since.totals),
  };
}

/** Messages wait, and none was received since the last look. */
export const isStuck = ({ queues: { inbox } }: Snapshot, since: MetricsTotals): boolean =>
  inbox.visible > 0 && inbox.inFlight === 0 && since.counters.deliveries === 0;

/** Messages with an outcome. */
export const outcomesOf = ({ counters: { processed, rejected, deadLettered } }: MetricsTotals): number =>
  processed + rejected + deadLettered;

const heldIn = ({ visible, inFlight, delayed }: QueueDepth): number => visible + inFlight + delayed;

/** What it would handle each second if all of its concurrency were in use. */
function capacityOf(latest: LatestSnapshot): number | undefined {
  const window = windowOf(latest);
  if (window === undefined) return undefined;
  const outcomes = outcomesOf(window.totals);
  const { busyMs } = window.totals.counters;
  return outcomes === 0 || busyMs === 0 ? undefined : (outcomes / (busyMs / 1_000)) * latest.now.concurrency;
}
