import { expect, test } from 'vitest';
import { SentLog } from '../../../../client/producer/sent-log.ts';

test('knows what was sent since a moment, to the second', () => {
  const log = new SentLog();
  log.add(3, 10_000);
  log.add(4, 10_999);
  log.add(5, 12_000);

  expect([log.since(0), log.since(10_500), log.since(11_000), log.since(13_000)]).toEqual([12, 12, 5, 0]);
});

test('keeps the seconds of an hour, however long it goes on, and the sum of what is older', () => {
  const log = new SentLog();
  for (let second = 0; second < 10_000; second++) log.add(1, second * 1_000);

  expect(log.size).toBe(3_601);
  expect([log.since(0), log.since(6_000_000), log.since(9_000_000)]).toEqual([10_000, 10_000, 1_000]);
});

test('forgets what was sent before', () => {
  const log = new SentLog();
  for (let second = 0; second < 10_000; second++) log.add(1, second * 1_000);

  log.forget(9_999_000);
  expect([log.size, log.since(0)]).toEqual([1, 1]);
});
