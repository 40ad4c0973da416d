import { type Classification, HttpError, retryAfterSeconds } from 'posthorn';

/**
 * HTTP 409 is transient here, and its Retry-After is honoured: an earlier request with the same idempotency key is still in progress,
 * most likely one of this agent that missed its deadline. The mesh classifies all other errors.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 */
export function classifyCharge(error: unknown): Classification | undefined {
  if (!(error instanceof HttpError) || error.status !== 409) return undefined;
  const retryAfter = retryAfterSeconds(error.retryAfter, Date.now());
  return { kind: 'transient', code: 'ChargeInProgress', ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) };
}
