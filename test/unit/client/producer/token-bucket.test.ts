import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../../../client/producer/token-bucket.ts';

const rate = fc.double({ min: 0.01, max: 1_000, noNaN: true });

test('never lets through more than its rate and what it holds, whatever is asked and when', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 10 })), { maxLength: 100 });
  fc.assert(
    fc.property(rate, steps, (perSecond, asked) => {
      const bucket = new TokenBucket(perSecond, 0);
      let [now, taken] = [0, 0];
      for (const [passed, wanted] of asked) {
        now += passed;
        taken += bucket.take(wanted, now);
        expect(taken).toBeLessThanOrEqual(Math.max(1, perSecond) + (perSecond * now) / 1_000 + 1e-6);
      }
    }),
  );
});

test('gives what it says that it will, when it says so, and not before', () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 1, max: 10 }), (perSecond, wanted) => {
      const bucket = new TokenBucket(perSecond, 0);
      let now = 0;
      for (let turn = 0; turn < 20; turn++) {
        const waitMs = bucket.untilMs(wanted, now);
        if (waitMs > 1) expect(bucket.take(wanted, now + waitMs - 1.5)).toBe(0);
        // A millisecond more: numbers are not exact.
        now += waitMs === 0 ? 0 : waitMs + 1;
        expect(bucket.take(wanted, now)).toBeGreaterThan(0);
      }
    }),
  );
});

test('keeps what it has within the size of a new rate, and a clock that goes back makes nobody wait for longer', () => {
  const bucket = new TokenBucket(100, 1_000);
  bucket.setRate(2, 1_000);
  expect(bucket.take(10, 1_000)).toBe(2);
  expect(bucket.take(1, 0)).toBe(0);
  expect(bucket.untilMs(1, 0)).toBe(500);
  expect(bucket.take(1, 500)).toBe(1);
  bucket.setRate(0.1, 500);
  expect(bucket.untilMs(10, 500)).toBe(10_000);
});
