import { expect, test } from 'vitest';
import { idleTooLong } from '../../../local/lambda/idle-workers.ts';

const worker = (name: string, idleSinceMs: number, isBusy = false) => ({ name, isBusy, idleSinceMs });
const ended = (workers: readonly ReturnType<typeof worker>[], nowMs: number, isFedByQueue = true) =>
  idleTooLong(workers, { nowMs, isFedByQueue }).map(({ name }) => name);

test('workers end five seconds after their last invocation, but for the one that was used last', () => {
  const workers = [worker('used last', 3_000), worker('first', 0), worker('second', 1_000)];

  expect(ended(workers, 4_999)).toEqual([]);
  expect(ended(workers, 5_500)).toEqual(['first']);
  expect(ended(workers, 200_000)).toEqual(['first', 'second']);
});

test('the last one ends after five minutes', () => {
  expect(ended([worker('last', 0)], 299_999)).toEqual([]);
  expect(ended([worker('last', 0)], 300_000)).toEqual(['last']);
});

test('the last one of a function that no queue feeds ends after twenty seconds', () => {
  expect(ended([worker('last', 0)], 19_999, false)).toEqual([]);
  expect(ended([worker('last', 0)], 20_000, false)).toEqual(['last']);
});

test('a busy worker is never ended, and is the warm one', () => {
  expect(ended([worker('busy', 0, true), worker('idle', 0)], 10_000)).toEqual(['idle']);
});
