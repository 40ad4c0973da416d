import { refused } from './token-refused.ts';

/** Epoch milliseconds. */
export interface TokenTimes {
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
}

/** Clocks of issuer, sender and SQS differ by so much at most. */
const SKEW_MS = 30_000;

/**
 * A token counts for the moment at which its message was sent: SQS stamps that, no sender can choose it, and a message must not
 * become unauthorised by waiting in a queue.
 *
 * @param sentAt SentTimestamp of the message, epoch milliseconds
 * @throws PermanentError `TokenExpired`, `TokenNotYetValid`, `TokenLifetimeTooLong`
 */
export function checkTimes({ issuedAt, expiresAt, notBefore }: TokenTimes, sentAt: number, maxAgeSeconds: number): void {
  // Each condition asks for what must be true, so that a number that is none refuses the token. That the token is no older than
  // maxAgeSeconds follows: it had not expired, and its lifetime is no longer.
  if (!(sentAt < expiresAt + SKEW_MS)) {
    throw refused('TokenExpired', 'token claim exp: is before the time at which the message was sent: send with a new token');
  }
  if (!(issuedAt <= sentAt + SKEW_MS)) throw notYetValid('iat');
  if (notBefore !== undefined && !(notBefore <= sentAt + SKEW_MS)) throw notYetValid('nbf');
  if (!(issuedAt < expiresAt))
    throw refused('TokenClaimInvalid', 'token claim exp: must be later than iat: ask the issuer for another token');
  if (!(expiresAt - issuedAt <= maxAgeSeconds * 1_000)) {
    throw refused('TokenLifetimeTooLong', `token claim exp: is more than ${maxAgeSeconds} s after iat: ask for a token that ends sooner`);
  }
}

const notYetValid = (claim: string) =>
  refused('TokenNotYetValid', `token claim ${claim}: is later than the time at which the message was sent: correct the issuer's clock`);
