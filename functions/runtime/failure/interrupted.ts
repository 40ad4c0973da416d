/**
 * The mesh itself could not continue with a message: the ledger or a queue did not answer, another process holds the claim,
 * or the invocation is about to end. The message is not at fault, so this is no attempt: the message is redelivered.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** When to receive the message again; `undefined` lets the backoff decide. */
  readonly delaySeconds: number | undefined;
  /** The delay after the first receive; it doubles with each one. With 15, ten receives last half an hour on average. @default 2 */
  readonly baseDelaySeconds: number | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly delaySeconds?: number; readonly baseDelaySeconds?: number }) {
    super(message, options);
    this.delaySeconds = options?.delaySeconds;
    this.baseDelaySeconds = options?.baseDelaySeconds;
  }
}
