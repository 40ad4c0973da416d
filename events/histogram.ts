/** Steps of a factor of 1.59 from 4 ms to 17 minutes, then of 4 to 12 days: a quantile is wrong by a quarter at most where it matters. */
const STEPS_PER_DOUBLING = 1.5;
const FIRST_EXPONENT = 2;
const FINE_EXPONENT = 20;
const LAST_EXPONENT = 30;

const FINE_STEPS = (FINE_EXPONENT - FIRST_EXPONENT) * STEPS_PER_DOUBLING;

/** The inclusive upper bounds of a histogram's buckets, in milliseconds. One more bucket has everything above the last. */
export const BUCKET_BOUNDS_MS: readonly number[] = [
  ...Array.from({ length: FINE_STEPS + 1 }, (_, index) => Math.round(2 ** (FIRST_EXPONENT + index / STEPS_PER_DOUBLING))),
  ...Array.from({ length: (LAST_EXPONENT - FINE_EXPONENT) / 2 }, (_, index) => 2 ** (FINE_EXPONENT + 2 * (index + 1))),
];

/** How many values fell into each bucket, the last of which is above all bounds, and their sum. */
export interface Histogram {
  /** By bucket; a bucket that is missing has none. */
  readonly counts: Readonly<Record<number, number>>;
  readonly sumMs: number;
}

/** The bucket of a duration. @param ms 0 or more */
export function bucketOf(ms: number): number {
  let [low, high] = [0, BUCKET_BOUNDS_MS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms <= (BUCKET_BOUNDS_MS[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many values a histogram has. */
export const countOf = ({ counts }: Histogram): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * A quantile of the values in a histogram: interpolated within its bucket, as Prometheus does. What is above the last bound counts as
 * the last bound.
 *
 * @param share 0 to 1
 * @returns milliseconds; `undefined` for a histogram without values
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantileOf(histogram: Histogram, share: number): number | undefined {
  const total = countOf(histogram);
  if (total === 0) return undefined;
  const rank = share * total;
  let below = 0;
  for (const [bucket, bound] of BUCKET_BOUNDS_MS.entries()) {
    const count = histogram.counts[bucket] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = BUCKET_BOUNDS_MS[bucket - 1] ?? 0;
      return lower + (bound - lower) * Math.max(0, (rank - below) / count);
    }
    below += count;
  }
  return BUCKET_BOUNDS_MS.at(-1);
}

/** What a histogram has more than an earlier state of it. A count that fell, because a record was removed, counts from zero. */
export function histogramSince(now: Histogram, before: Histogram): Histogram {
  const counts = Object.fromEntries(
    Object.entries(now.counts).map(([bucket, count]) => [bucket, increase(count, before.counts[Number(bucket)])]),
  );
  return { counts, sumMs: increase(now.sumMs, before.sumMs) };
}

/** What a total has more than before; one that fell has begun anew, as Prometheus counts it. */
export const increase = (now: number, before = 0): number => (now < before ? now : now - before);
