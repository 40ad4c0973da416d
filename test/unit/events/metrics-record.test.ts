import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { itemBytes } from '../../../bench/stub/item-size.ts';
import { BUCKET_BOUNDS_MS, bucketOf, countOf, histogramSince, quantileOf } from '../../../events/histogram.ts';
import {
  bucketAttribute,
  counterAttribute,
  LAST_WRITE_ATTRIBUTE,
  METRICS_COUNTERS,
  METRICS_HISTOGRAMS,
  metricsShards,
  shardSeries,
  sumAttribute,
  totalsOf,
  totalsSince,
} from '../../../events/metrics-record.ts';

const durations = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 300 });

const histogramOf = (values: readonly number[]) => {
  const counts: Record<number, number> = {};
  for (const value of values) counts[bucketOf(value)] = (counts[bucketOf(value)] ?? 0) + 1;
  return { counts, sumMs: values.reduce((sum, value) => sum + value, 0) };
};

describe('A histogram', () => {
  it('has a value in the bucket whose bounds are around it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 32, noNaN: true }), (ms) => {
        const bucket = bucketOf(ms);
        expect(ms).toBeLessThanOrEqual(BUCKET_BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY);
        expect(ms).toBeGreaterThan(BUCKET_BOUNDS_MS[bucket - 1] ?? -1);
      }),
    );
  });

  it('tells a quantile within the bucket of the true one', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99, 1), (values, share) => {
        const sorted = values.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        const told = quantileOf(histogramOf(values), share) ?? Number.NaN;
        expect(told).toBeGreaterThanOrEqual(BUCKET_BOUNDS_MS[bucketOf(exact) - 1] ?? 0);
        expect(told).toBeLessThanOrEqual(BUCKET_BOUNDS_MS[bucketOf(exact)] ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('has no quantile without values, and the last bound above all bounds', () => {
    expect(quantileOf({ counts: {}, sumMs: 0 }, 0.5)).toBeUndefined();
    expect(quantileOf(histogramOf([1e12]), 0.5)).toBe(2 ** 30);
  });

  it('begins anew where a count fell', () => {
    expect(histogramSince({ counts: { 1: 5, 2: 1 }, sumMs: 9 }, { counts: { 1: 3, 2: 4 }, sumMs: 2 })).toEqual({
      counts: { 1: 2, 2: 1 },
      sumMs: 7,
    });
  });
});

const everyAttribute = [
  ...METRICS_COUNTERS.map(counterAttribute),
  ...METRICS_HISTOGRAMS.map(sumAttribute),
  ...METRICS_HISTOGRAMS.flatMap((name) =>
    Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, (_, bucket) => bucketAttribute(name, bucket)),
  ),
];

describe('The item of a shard', () => {
  test('has a name of its own for each attribute', () => {
    expect(new Set([...everyAttribute, LAST_WRITE_ATTRIBUTE, 'series', 'entry']).size).toBe(everyAttribute.length + 3);
  });

  test('takes one write unit even with ten million messages in every bucket', () => {
    const item = {
      series: { S: shardSeries('a'.repeat(48), 99) },
      entry: { S: 'totals' },
      [LAST_WRITE_ATTRIBUTE]: { N: '1790000000123' },
      ...Object.fromEntries(everyAttribute.map((name) => [name, { N: name === name.toUpperCase() ? '123456789012' : '9999999' }])),
    };
    expect(itemBytes(item)).toBeLessThanOrEqual(1_024);
  });
});

test.each([
  [1, 1],
  [10, 1],
  [11, 2],
  [1_000, 100],
])('an agent with concurrency %i has a metrics record of %i items', (concurrency, shards) => {
  expect(metricsShards(concurrency)).toBe(shards);
});

test('totals are the sum of the shards, and what was added since', () => {
  const before = totalsOf([
    { p: 3, w1: 2, W: 20 },
    { p: 4, entry: 'totals' },
  ]);
  const now = totalsOf([{ p: 5, w1: 2, w2: 1, W: 50 }, { p: 4 }, {}]);
  expect(before.counters.processed).toBe(7);
  const since = totalsSince(now, before);
  expect(since.counters).toMatchObject({ processed: 2, rejected: 0 });
  expect([since.wait, countOf(since.wait)]).toEqual([{ counts: { 1: 0, 2: 1 }, sumMs: 30 }, 1]);
  expect(totalsSince(now, undefined)).toEqual(now);
});
