import type { Histogram } from '../../../../events/histogram.ts';
import type { MetricsTotals } from '../../../../events/metrics-record.ts';
import type { Measured } from '../../../../events/rollout.ts';
import { attemptsOf } from '../attempts-of.ts';
import { latencyOf } from '../latency-of.ts';

/** What several agents did together. @param totals of each, since a step began */
export function measured(totals: readonly MetricsTotals[]): Measured {
  const ended = totals.map(attemptsOf);
  const latencies = { wait: together(totals.map(({ wait }) => wait)), handle: together(totals.map(({ handle }) => handle)) };
  const [p50Ms, p95Ms] = [latencyOf(latencies, 0.5), latencyOf(latencies, 0.95)];
  return {
    attempts: ended.reduce((sum, { attempts }) => sum + attempts, 0),
    failed: ended.reduce((sum, { failed }) => sum + failed, 0),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
  };
}

function together(histograms: readonly Histogram[]): Histogram {
  const counts: Record<number, number> = {};
  for (const histogram of histograms)
    for (const [bucket, count] of Object.entries(histogram.counts)) counts[Number(bucket)] = (counts[Number(bucket)] ?? 0) + count;
  return { counts, sumMs: histograms.reduce((sum, { sumMs }) => sum + sumMs, 0) };
}
