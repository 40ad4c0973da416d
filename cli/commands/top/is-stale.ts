import type { AgentMetrics } from '../../../client/index.ts';

/** An older one says that the probe fails. One run may be missed, or late. */
const MAX_INTERVALS = 3;

/** With `posthorn dev` the probe runs every few seconds, and a busy machine is no failure. */
const MIN_STALE_SECONDS = 180;

/** Whether the snapshot of an agent is too old to say how it is. @param nowMs epoch milliseconds */
export const isStale = ({ at, snapshotIntervalSeconds }: AgentMetrics, nowMs: number): boolean =>
  nowMs - at.getTime() > Math.max(MIN_STALE_SECONDS, MAX_INTERVALS * snapshotIntervalSeconds) * 1_000;
