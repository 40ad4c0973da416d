import { type Classification, HttpError, retryAfterSeconds } from 'posthorn';

/**
 * HTTP 409 is transient here, and a Retry-After with it is honoured: an earlier request with the same idempotency key is
 * still in progress, ours from before a missed deadline most likely. Everything else is left to the mesh.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 */
export function classifyCharge(error: unknown): Classification | undefined {
  if (!(error instanceof HttpError) || error.status !== 409) return undefined;
  const retryAfter = retryAfterSeconds(error.retryAfter, Date.now());
  return { kind: 'transient', code: 'ChargeInProgress', ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) };
}
