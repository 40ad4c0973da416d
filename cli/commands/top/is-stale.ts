import type { AgentMetrics } from '../../../client/index.ts';

/** A snapshot is taken each minute: an older one says that the probe fails. */
const STALE_MS = 180_000;

/** Whether the snapshot of an agent is too old to say how it is. @param nowMs epoch milliseconds */
export const isStale = ({ at }: AgentMetrics, nowMs: number): boolean => nowMs - at.getTime() > STALE_MS;
