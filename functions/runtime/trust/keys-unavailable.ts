/**
 * The keys of an issuer cannot be had now, so nobody knows whether the token is good. The message is not at fault: put it back
 * without counting an attempt.
 */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  /** The keys are not asked for again before then. */
  readonly delaySeconds: number;

  constructor(message: string, options: ErrorOptions & { readonly delaySeconds: number }) {
    super(message, options);
    this.delaySeconds = options.delaySeconds;
  }
}
