import { expect, test } from 'vitest';
import { disordered } from '../../../local/lambda/disorder.ts';

const choices = (seed: number) => {
  const { redelivers, ordered } = disordered({ duplicates: 0.2, seed });
  return { again: Array.from({ length: 1_000 }, redelivers), order: ordered([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) };
};

test('the same seed chooses the same, another seed something else', () => {
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
});

test('about the given share is redelivered, and an order has every item once', () => {
  const { again, order } = choices(7);

  expect(again.filter(Boolean).length).toBeGreaterThan(150);
  expect(again.filter(Boolean).length).toBeLessThan(250);
  expect(order.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test.each([-0.1, 1, Number.NaN])('refuses a share of %d', (duplicates) => {
  expect(() => disordered({ duplicates })).toThrow(new RangeError(`disorder.duplicates is ${duplicates}; it must be from 0 to below 1`));
});
