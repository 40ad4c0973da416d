import { expect, test } from 'vitest';
import { progressLine } from '../../../cli/progress.ts';

test.each([
  [{ done: 420, count: 4_200, total: 1_000, elapsedMs: 8_400 }, 'sending: 42%, 4,200, about 12 s left'],
  [{ done: 1_000, count: 9, total: 1_000, elapsedMs: 500 }, 'sending: 100%, 9, about 0 s left'],
  [{ done: 2_000, count: 9, total: 1_000, elapsedMs: 500 }, 'sending: 100%, 9, about 0 s left'],
  [{ done: 0, count: 0, total: 0, elapsedMs: 500 }, 'sending: 0'],
  [{ done: 5, count: 12_345, total: undefined, elapsedMs: 500 }, 'sending: 12,345'],
])('%o', (state, line) => {
  expect(progressLine('sending', state)).toBe(line);
});

test('has what else is said, and one line whatever the title', () => {
  const details = '100 in flight, load 73%, 95/s, braked';
  const state = { done: 1, count: 4_200, total: 1_000, elapsedMs: 8_400, details };
  const line = progressLine('an-agent-whose-name-has-all-of-the-48-characters', state);

  expect(line).toBe(`an-agent-…: 0%, 4,200, ${details}, about 2h 19m left`);
  expect(line.length).toBeLessThanOrEqual(80);
  expect(progressLine('x', { ...state, done: 500 }, 120)).toBe(`x: 50%, 4,200, ${details}, about 9 s left`);
});
