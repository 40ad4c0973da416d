import type { Snapshot } from '../../events/snapshot.ts';
import type { InboxState } from './inbox-state.ts';

/** What an agent's snapshots tell of its inbox; `isPaused` as the latest knows it. */
export type InboxWait = Partial<Pick<InboxState, 'waitingSince' | 'receivedSince' | 'isPaused' | 'snapshotsProblem'>>;

/** A snapshot is taken each minute, or as often as the one before it says. A latest one that is much older says nothing about now. */
const STALE_MS = 180_000;
const STALE_INTERVALS = 2;

/**
 * Since when the oldest message of an inbox waits at least. SQS does not report its age. But if at some moment more messages waited than
 * the agent has received since, at least one of them waits still. It looks at the snapshots until one in which nothing waits.
 *
 * @param newestFirst the agent's snapshots
 */
export async function inboxWait(newestFirst: AsyncIterable<Snapshot>, nowMs: number): Promise<InboxWait> {
  let latest: Snapshot | undefined;
  let intervalMs: number | undefined;
  let isEmpty = false;
  let oldest: { readonly waitingSince: number; readonly receivedSince: number } | undefined;
  for await (const snapshot of newestFirst) {
    if (latest !== undefined) intervalMs ??= latest.at - snapshot.at;
    latest ??= snapshot;
    const { visible } = snapshot.queues.inbox;
    isEmpty ||= visible === 0;
    const receivedSince = receivedBetween(snapshot, latest);
    if (!isEmpty && receivedSince < visible) oldest = { waitingSince: snapshot.at, receivedSince };
    if (isEmpty && intervalMs !== undefined) break;
  }
  if (latest === undefined) return { snapshotsProblem: 'there is no snapshot of the agent yet' };
  const ageMs = nowMs - latest.at;
  if (ageMs > Math.max(STALE_MS, STALE_INTERVALS * (intervalMs ?? 0)))
    return { snapshotsProblem: `the latest snapshot is ${Math.floor(ageMs / 60_000)}m old: the log of mesh-probe has the reason` };
  return { ...oldest, isPaused: latest.isPaused };
}

/** Those whose delivery has ended, and those in flight, if there are more of them now. */
const receivedBetween = (one: Snapshot, other: Snapshot): number =>
  Math.max(0, other.totals.counters.deliveries - one.totals.counters.deliveries + other.queues.inbox.inFlight - one.queues.inbox.inFlight);
