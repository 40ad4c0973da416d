import { countOf, quantileOf } from '../../../events/histogram.ts';
import type { MetricsTotals } from '../../../events/metrics-record.ts';

/** The 95th percentile of waiting plus that of handling. The sum of two 95th percentiles is no less than that of the sum. */
export function p95Of({ wait, handle }: Pick<MetricsTotals, 'wait' | 'handle'>): number | undefined {
  if (countOf(handle) === 0) return undefined;
  return (quantileOf(wait, 0.95) ?? 0) + (quantileOf(handle, 0.95) ?? 0);
}
