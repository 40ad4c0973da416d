import { countOf, quantileOf } from '../../../events/histogram.ts';
import type { MetricsTotals } from '../../../events/metrics-record.ts';

/** A quantile of waiting plus that of handling. The sum of two 95th percentiles is no less than that of the sum. */
export function latencyOf({ wait, handle }: Pick<MetricsTotals, 'wait' | 'handle'>, share: number): number | undefined {
  if (countOf(handle) === 0) return undefined;
  return (quantileOf(wait, share) ?? 0) + (quantileOf(handle, share) ?? 0);
}
