import { countOf, type Histogram, quantileOf } from '../../events/histogram.ts';
import type { LoadReading } from '../../events/load-reading.ts';
import type { MetricsCounter } from '../../events/metrics-record.ts';
import { intervalSecondsOf, type LatestSnapshot, windowOf } from '../../events/snapshot.ts';
import type { QueueDepth } from '../queues/queue-depth.ts';
import { agentLoad } from './agent-load.ts';

/** A distribution of durations in milliseconds, from the buckets of a histogram. `undefined` where nothing was measured. */
export interface Quantiles {
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/** How an agent is, by its latest snapshot. */
export interface AgentMetrics {
  readonly agent: string;
  readonly version: string;
  /** When the snapshot was taken. */
  readonly at: Date;
  /** The probe takes the next snapshot after so long: the setting `probeMinutes`, and less with `posthorn dev`. */
  readonly snapshotIntervalSeconds: number;
  /** The time that counts, quantiles and rate are of, about five minutes, or since the last snapshot if that is longer ago; `undefined` after the first: then they are of all time. */
  readonly windowSeconds: number | undefined;
  /** What happened in that time. */
  readonly counts: Readonly<Record<MetricsCounter, number>>;
  /** Messages with an outcome, each second; `undefined` as {@link windowSeconds} is. */
  readonly outcomesPerSecond: number | undefined;
  /** From the moment SQS took a message to the first time that the agent received it. */
  readonly wait: Quantiles;
  /** How long the handler ran, for each attempt. */
  readonly handle: Quantiles;
  /** From the event's `time` to its outcome at this agent. */
  readonly critical: Quantiles;
  /** The share of its concurrency in use, 0 to 1; `undefined` as {@link windowSeconds} is. */
  readonly load: number | undefined;
  /** How long a message that is sent now waits before it is received; `undefined` where nothing shows it. */
  readonly expectedWaitSeconds: number | undefined;
  /** What it publishes for producers; `undefined` in a mesh of an older version. */
  readonly reading: LoadReading | undefined;
  /** Its event source mapping is switched off (`posthorn pause`): its messages wait. `undefined` where that is not known. */
  readonly isPaused: boolean | undefined;
  /** What its queues held. */
  readonly queues: Readonly<Record<'inbox' | 'errors' | 'deadLetters', QueueDepth>>;
}

/** Makes an agent's metrics of its latest snapshot. */
export function agentMetrics(latest: LatestSnapshot): AgentMetrics {
  const { agent, version, at, isPaused, queues } = latest.now;
  const window = windowOf(latest);
  const { counters, wait, handle, critical } = window?.totals ?? latest.now.totals;
  const { load, expectedWaitSeconds } = agentLoad(latest);
  const perSecond = (value: number) => window && value / window.seconds;
  return {
    agent,
    version,
    at: new Date(at),
    snapshotIntervalSeconds: intervalSecondsOf(latest.now),
    windowSeconds: window?.seconds,
    counts: counters,
    outcomesPerSecond: perSecond(counters.processed + counters.rejected + counters.deadLettered),
    wait: quantilesOf(wait),
    handle: quantilesOf(handle),
    critical: quantilesOf(critical),
    load,
    expectedWaitSeconds,
    reading: latest.load,
    isPaused,
    queues,
  };
}

const quantilesOf = (histogram: Histogram): Quantiles => ({
  count: countOf(histogram),
  p50Ms: quantileOf(histogram, 0.5),
  p95Ms: quantileOf(histogram, 0.95),
});
