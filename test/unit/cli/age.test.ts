import { expect, test } from 'vitest';
import { age } from '../../../cli/age.ts';

test.each([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
  [86_400_000 * 14, '14d'],
])('%i ms are %s', (milliseconds, text) => {
  expect(age(milliseconds)).toBe(text);
});
