import { describe, expect, it } from 'vitest';
import type { RetryPolicy } from '../../../functions/runtime/agent/agent.ts';
import type { Classification } from '../../../functions/runtime/failure/classify.ts';
import { decideFailure, retryDelaySeconds } from '../../../functions/runtime/failure/retry.ts';

const policy: RetryPolicy = { maxRetries: 3, baseDelaySeconds: 1, maxDelaySeconds: 900 };
const ALMOST_ONE = 1 - Number.EPSILON;

describe('decideFailure', () => {
  const permanent: Classification = { kind: 'permanent', code: 'Bad' };
  const transient: Classification = { kind: 'transient', code: 'Busy' };
  const unknown: Classification = { kind: 'unknown', code: 'TypeError' };

  it('rejects permanent errors at any attempt', () => {
    expect(decideFailure(permanent, 1, false, policy, 0)).toEqual({ action: 'reject' });
    expect(decideFailure(permanent, 9, true, policy, 0)).toEqual({ action: 'reject' });
  });

  it.each([transient, unknown])('retries three times, then dead-letters: $kind', (classification) => {
    const actions = [1, 2, 3, 4].map((attempt) => decideFailure(classification, attempt, false, policy, ALMOST_ONE));

    expect(actions).toEqual([
      { action: 'retry', delaySeconds: 1 },
      { action: 'retry', delaySeconds: 2 },
      { action: 'retry', delaySeconds: 4 },
      { action: 'dead-letter' },
    ]);
  });

  it('dead-letters at the last receive, before SQS does', () => {
    expect(decideFailure(transient, 1, true, policy, 0)).toEqual({ action: 'dead-letter' });
  });

  it('dead-letters at once without retries', () => {
    expect(decideFailure(transient, 1, false, { ...policy, maxRetries: 0 }, 0)).toEqual({ action: 'dead-letter' });
  });
});

describe('retryDelaySeconds', () => {
  it.each([
    ['is at least a second', 1, 0, undefined, 1],
    ['is jittered over the whole of the ceiling', 3, 0.5, undefined, 2],
    ['ends with the ceiling', 3, ALMOST_ONE, undefined, 4],
    ['is never over the longest delay', 60, ALMOST_ONE, undefined, 900],
    ['waits for a Retry-After', 1, 0, 30, 30],
    ['rounds a Retry-After up', 1, 0, 1.2, 2],
    ['does not hurry for a Retry-After', 3, ALMOST_ONE, 1, 4],
    ['does not wait beyond the longest delay', 1, 0, 86_400, 900],
    ['does not wait for ever', 1, 0, Number.POSITIVE_INFINITY, 900],
    ['takes no notice of a negative one', 1, 0, -5, 1],
    ['takes no notice of one that is no number', 1, 0, Number.NaN, 1],
  ])('%s', (_what, attempt, fraction, retryAfter, expected) => {
    expect(retryDelaySeconds(attempt, policy, fraction, retryAfter)).toBe(expected);
  });
});
