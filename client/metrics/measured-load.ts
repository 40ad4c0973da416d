import type { LoadReading } from '../../events/load-reading.ts';
import type { MetricsTotals } from '../../events/metrics-record.ts';
import { intervalSecondsOf, type LatestSnapshot, type Snapshot, type Window, windowOf } from '../../events/snapshot.ts';
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
  // A look that follows another one by chance does not make the interval shorter.
  const intervalSeconds = Math.max(intervalSecondsOf(now), last === undefined ? 0 : intervalSecondsOf(last));
  const reading = { at: now.at, intervalSeconds, backlog, goalSeconds };
  const since = windowOf({ now, before: last });
  if (last === undefined || since === undefined) return { ...reading, drainPerSecond: 0, arrivedPerSecond: 0, isStalled: false };
  const left = outcomesOf(since.totals) + heldIn(inbox) - heldIn(last.queues.inbox);
  const drainPerSecond = drainPerSecondOf(since, latest, backlog);
  return {
    ...reading,
    drainPerSecond,
    arrivedPerSecond: Math.max(0, left / since.seconds),
    capacityPerSecond: capacityOf(latest),
    busyShare: Math.min(1, since.totals.counters.busyMs / 1_000 / since.seconds / now.concurrency),
    // One that came just before a look is on its way: an idle agent is not stalled.
    isStalled: last.queues.inbox.visible > 0 && backlog > 0 && (isStuck(now, since.totals) || drainPerSecond === 0),
  };
}

/** Where messages wait and none was finished since the last look, a message may take long: the last minutes say whether one ever is. */
function drainPerSecondOf(since: Window, latest: LatestSnapshot, backlog: number): number {
  const drained = drainedOf(since.totals) / since.seconds;
  const window = windowOf(latest);
  return drained === 0 && backlog > 0 && window !== undefined ? drainedOf(window.totals) / window.seconds : drained;
}

/** Messages that were handled. One that is dead-lettered leaves the inbox, too, but an agent at which all fail should get fewer. */
const drainedOf = ({ counters: { processed, rejected } }: MetricsTotals): number => processed + rejected;

/** Messages wait, and none was received since the last look. */
export const isStuck = ({ queues: { inbox } }: Snapshot, since: MetricsTotals): boolean =>
  inbox.visible > 0 && inbox.inFlight === 0 && since.counters.deliveries === 0;

/** Messages with an outcome. */
export const outcomesOf = ({ counters: { processed, rejected, deadLettered } }: MetricsTotals): number =>
  processed + rejected + deadLettered;

const heldIn = ({ visible, inFlight, delayed }: QueueDepth): number => visible + inFlight + delayed;

/** Messages each second, if all of an agent's concurrency were in use. @param busyMs the time that its batches took for them */
export const atFullConcurrency = (messages: number, busyMs: number, concurrency: number): number | undefined =>
  messages === 0 || busyMs === 0 ? undefined : (messages / (busyMs / 1_000)) * concurrency;

/** What it would handle each second if all of its concurrency were in use. */
function capacityOf(latest: LatestSnapshot): number | undefined {
  const window = windowOf(latest);
  if (window === undefined) return undefined;
  return atFullConcurrency(drainedOf(window.totals), window.totals.counters.busyMs, latest.now.concurrency);
}
