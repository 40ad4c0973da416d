/**
 * The keys of an issuer could not be fetched, so the token cannot be verified. The message is not at fault: put it back without
 * counting an attempt.
 */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}
