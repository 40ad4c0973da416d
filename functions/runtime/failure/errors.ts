/**
 * An error whose class decides what happens to the message: {@link PermanentError} or {@link TransientError}. Its `code` is
 * stable and short; the ledger, the error queue and the log keep it. The mesh classifies any other error that a handler throws.
 */
export abstract class MeshError extends Error {
  abstract readonly kind: 'permanent' | 'transient';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
  }
}

/**
 * The message is at fault: the mesh rejects it to the error queue and never retries it.
 *
 * @example
 * ```ts
 * function requireText(text: string): void {
 *   if (text === '') throw new PermanentError('EmptyText', 'data.text is empty: send the text to analyse');
 * }
 * ```
 */
export class PermanentError extends MeshError {
  readonly kind = 'permanent';
}

/**
 * Something around the message is at fault: the mesh retries it with backoff, then dead-letters it.
 *
 * @example
 * ```ts
 * function unavailable(cause: unknown): TransientError {
 *   return new TransientError('PaymentUnavailable', 'the payment service answers 503', { cause, retryAfterSeconds: 30 });
 * }
 * ```
 */
export class TransientError extends MeshError {
  readonly kind = 'transient';
  /** The time before which another attempt cannot succeed, where it is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options?: ErrorOptions & { readonly retryAfterSeconds?: number | undefined }) {
    super(code, message, options);
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/**
 * An HTTP response that is not a success. Statuses 408, 425, 429 and 5xx are transient, and the mesh honours their Retry-After;
 * every other status is permanent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15
 * @example
 * ```ts
 * async function readRates(url: string, { signal }: Context): Promise<unknown> {
 *   const response = await fetch(url, { signal });
 *   if (!response.ok) throw HttpError.of(response);
 *   return response.json();
 * }
 * ```
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** The header `Retry-After`, as it was received. */
  readonly retryAfter: string | undefined;

  constructor(status: number, message: string, options?: ErrorOptions & { readonly retryAfter?: string | undefined }) {
    super(message, options);
    this.status = status;
    this.retryAfter = options?.retryAfter;
  }

  /** The error for a `Response`. Its message has the URL without the query, which may be secret. */
  static of(response: {
    readonly status: number;
    readonly url: string;
    readonly headers: { get(name: string): string | null };
  }): HttpError {
    // A Response that did not come from fetch has no URL.
    const url = URL.parse(response.url);
    return new HttpError(response.status, `HTTP ${response.status}${url ? ` from ${url.origin}${url.pathname}` : ''}`, {
      retryAfter: response.headers.get('retry-after') ?? undefined,
    });
  }
}
