/**
 * The keys of an issuer cannot be had now, so nobody knows whether the token is good. The message is not at fault: put it back
 * without counting an attempt.
 */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}
