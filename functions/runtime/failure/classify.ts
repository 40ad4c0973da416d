import { $ZodError } from 'zod/v4/core';
import { errorProperty, errorText } from './error-property.ts';
import { HttpError, MeshError, TransientError } from './errors.ts';

/** What an error means for its message: a permanent one rejects it, a transient one is retried, an unknown one is retried and alerted. */
export interface Classification {
  readonly kind: 'permanent' | 'transient' | 'unknown';
  /** Stable and short, e.g. `ValidationError`, `Http503`, `ThrottlingException`. */
  readonly code: string;
  /** The time before which another attempt cannot succeed. @default the retry policy's delay */
  readonly retryAfterSeconds?: number;
}

/** Beside these, every 5xx. @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5 */
const TRANSIENT_STATUS = new Set([408, 425, 429]);

/** Node's and undici's codes for a peer that cannot be reached, hangs up or does not answer in time. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const TIMEOUT_NAMES = new Set(['AbortError', 'TimeoutError']);

/** AWS codes that mean "later", whatever their HTTP status. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const AWS_TRANSIENT_NAMES = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'SlowDown',
  'PriorRequestNotComplete',
  'TransactionInProgressException',
  'TransactionConflictException',
  'ConditionalRequestConflict',
  'OperationAborted',
  'EC2ThrottledException',
  'KMSThrottlingException',
  'RequestTimeout',
  'RequestTimeoutException',
  'InternalError',
  'InternalServerError',
  'InternalServerException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
]);

/** AWS codes for a missing permission or invalid credentials; services that speak JSON answer them with status 400. */
const AWS_REFUSED_NAMES = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** An error may wrap the one that explains it (`fetch failed` does): deeper causes are ignored. */
const MAX_CAUSES = 5;

/**
 * Classifies an error that ended an attempt. Pure; never throws.
 *
 * The error itself and then its causes are examined; the first that can be classified decides. Permanent: own
 * {@link PermanentError}s, schema errors, HTTP 4xx but 408, 425 and 429, AWS client faults. Transient: own
 * {@link TransientError}s, those statuses and 5xx (with Retry-After), timeouts, aborts, connections, AWS server faults and
 * throttles. Everything else, a bug most likely, is unknown, and so is a request that AWS refuses for a missing permission: the message is
 * not at fault, and someone has to grant it.
 *
 * @param nowMs to read a Retry-After that is a date
 */
export function classify(error: unknown, nowMs: number): Classification {
  try {
    for (let current = error, depth = 0; current !== undefined && current !== null && depth < MAX_CAUSES; depth++) {
      const classification = classifyOne(current, nowMs);
      if (classification) return classification;
      current = errorProperty(current, 'cause');
    }
  } catch {
    // A proxy whose traps throw even for `instanceof`: it cannot be classified, and is a bug.
  }
  return { kind: 'unknown', code: nameOf(error) };
}

function classifyOne(error: unknown, nowMs: number): Classification | undefined {
  if (error instanceof TransientError) return transient(codeOf(error), error.retryAfterSeconds);
  if (error instanceof MeshError) return { kind: error.kind, code: codeOf(error) };
  if (error instanceof $ZodError) return { kind: 'permanent', code: 'ValidationError' };
  if (error instanceof HttpError) return byStatus(error.status, `Http${error.status}`, retryAfterSeconds(error.retryAfter, nowMs));

  const name = nameOf(error);
  const awsFault = errorProperty(error, '$fault');
  if (awsFault === 'client' || awsFault === 'server') {
    if (AWS_TRANSIENT_NAMES.has(name) || errorProperty(error, '$retryable') !== undefined || awsFault === 'server') return transient(name);
    const status = errorProperty(errorProperty(error, '$metadata'), 'httpStatusCode');
    if (AWS_REFUSED_NAMES.has(name) || status === 401 || status === 403) return { kind: 'unknown', code: name };
    return typeof status === 'number' ? byStatus(status, name) : { kind: 'permanent', code: name };
  }

  const code = errorProperty(error, 'code');
  if (typeof code === 'string' && CONNECTION_CODES.has(code)) return transient(code);
  if (TIMEOUT_NAMES.has(name)) return transient(name);
  return undefined;
}

function byStatus(status: number, code: string, retryAfter?: number): Classification {
  return status >= 500 || TRANSIENT_STATUS.has(status) ? transient(code, retryAfter) : { kind: 'permanent', code };
}

function transient(code: string, retryAfter?: number): Classification {
  return typeof retryAfter !== 'number' ? { kind: 'transient', code } : { kind: 'transient', code, retryAfterSeconds: retryAfter };
}

/**
 * Reads a Retry-After header, which is a number of seconds or a date.
 *
 * @param nowMs the current time in epoch milliseconds, from which a date is counted
 * @returns seconds, 0 for a date in the past; `undefined` for no header and for one that cannot be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 * @example
 * ```ts
 * retryAfterSeconds('120', Date.now()); // 120
 * ```
 */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const trimmed = header.trim();
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed);
  // Date.parse takes "garbage 1" for a date; each of the three forms of an HTTP-date begins with a day's name.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1_000));
}

/** Drivers number their codes, and JavaScript lets a caller leave one out. */
function codeOf({ code, kind }: { readonly code: unknown; readonly kind: 'permanent' | 'transient' }): string {
  if ((typeof code === 'string' && code !== '') || typeof code === 'number') return String(code);
  return kind === 'permanent' ? 'PermanentError' : 'TransientError';
}

const nameOf = (error: unknown): string => errorText(error, 'name')?.slice(0, 64) ?? `Thrown${capitalised(typeof error)}`;

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
