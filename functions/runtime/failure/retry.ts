import type { RetryPolicy } from '../agent/agent.ts';
import type { Classification } from './classify.ts';

export type FailureDecision =
  | { readonly action: 'reject' }
  | { readonly action: 'dead-letter' }
  | { readonly action: 'retry'; readonly delaySeconds: number };

/**
 * Decides whether a message whose attempt failed is retried, rejected or dead-lettered.
 *
 * @param failedAttempts of this generation, the current one included
 * @param isLastReceive SQS would move the message to the dead-letter queue by itself next time, with no outcome on record
 * @param fraction uniform in [0, 1)
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function decideFailure(
  classification: Classification,
  failedAttempts: number,
  isLastReceive: boolean,
  policy: RetryPolicy,
  fraction: number,
): FailureDecision {
  if (classification.kind === 'permanent') return { action: 'reject' };
  if (failedAttempts > policy.maxRetries || isLastReceive) return { action: 'dead-letter' };
  return { action: 'retry', delaySeconds: retryDelaySeconds(failedAttempts, policy, fraction, classification.retryAfterSeconds) };
}

/**
 * Exponential backoff with full jitter, in whole seconds because SQS has no finer: at least 1, at most what the policy
 * allows, not before the time the other side asked for unless that is beyond the policy's longest delay.
 *
 * @example retryDelaySeconds(3, { maxRetries: 3, baseDelaySeconds: 1, maxDelaySeconds: 900 }, 0.5) // 2, of 1 to 4
 */
export function retryDelaySeconds(failedAttempts: number, policy: RetryPolicy, fraction: number, retryAfterSeconds = 0): number {
  const ceiling = Math.min(policy.baseDelaySeconds * 2 ** (failedAttempts - 1), policy.maxDelaySeconds);
  const jittered = Math.max(1, Math.ceil(ceiling * fraction));
  const asked = retryAfterSeconds > 0 ? Math.ceil(retryAfterSeconds) : 0;
  return Math.min(Math.max(jittered, asked), policy.maxDelaySeconds);
}
