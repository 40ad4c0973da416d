/**
 * The errors that have a meaning for delivery. Each has a stable `code`, kept in the ledger, on the error queue and in logs,
 * and its class decides what happens next:
 *
 * - {@link PermanentError}: never retried; the message is rejected to the error queue.
 * - {@link TransientError}: retried with backoff, then dead-lettered.
 *
 * Any other error an agent throws is looked at by `classify`.
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
 * The message itself is at fault: no retry can help.
 *
 * @example
 * ```ts
 * if (text.length === 0) throw new PermanentError('EmptyText', 'data.text is empty: send the text to analyse');
 * ```
 */
export class PermanentError extends MeshError {
  readonly kind = 'permanent';
}

/**
 * The world around the message is at fault: worth another attempt.
 *
 * @example
 * ```ts
 * throw new TransientError('PaymentUnavailable', 'the payment service answers 503', { retryAfterSeconds: 30 });
 * ```
 */
export class TransientError extends MeshError {
  readonly kind = 'transient';
  /** The soonest that another attempt makes sense, where the other side said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options?: ErrorOptions & { readonly retryAfterSeconds?: number | undefined }) {
    super(code, message, options);
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/**
 * An HTTP answer that is not a success. `classify` reads the status: 408, 425, 429 and 5xx are transient (Retry-After is
 * honoured), every other one is permanent.
 *
 * @example
 * ```ts
 * const response = await fetch(url, { signal: context.signal });
 * if (!response.ok) throw HttpError.of(response);
 * ```
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly retryAfter: string | undefined;

  constructor(status: number, message: string, options?: ErrorOptions & { readonly retryAfter?: string | undefined }) {
    super(message, options);
    this.status = status;
    this.retryAfter = options?.retryAfter;
  }

  static of(response: {
    readonly status: number;
    readonly url: string;
    readonly headers: { get(name: string): string | null };
  }): HttpError {
    // Without the query, which may be secret. A Response that did not come from fetch has no URL.
    const url = URL.parse(response.url);
    return new HttpError(response.status, `HTTP ${response.status}${url ? ` from ${url.origin}${url.pathname}` : ''}`, {
      retryAfter: response.headers.get('retry-after') ?? undefined,
    });
  }
}
