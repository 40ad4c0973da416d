import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { type Classification, classify, retryAfterSeconds } from '../../../functions/runtime/failure/classify.ts';
import { HttpError, PermanentError, TransientError } from '../../../functions/runtime/failure/errors.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const metadata = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, message: 'said AWS' });
const s3 = (name: string, $fault: 'client' | 'server', status: number) => new S3ServiceException({ name, $fault, ...metadata(status) });
const withCode = (code: string) => Object.assign(new Error('connect'), { code });
const caused = (cause: unknown, depth = 1): Error => new Error('outer', { cause: depth > 1 ? caused(cause, depth - 1) : cause });

class OwnPermanentError extends PermanentError {}

describe('classify', () => {
  it.each<[string, unknown, Classification]>([
    ['a permanent error', new PermanentError('Declined', ''), { kind: 'permanent', code: 'Declined' }],
    ['a class made from it', new OwnPermanentError('Own', ''), { kind: 'permanent', code: 'Own' }],
    ['a transient error', new TransientError('Busy', ''), { kind: 'transient', code: 'Busy' }],
    [
      'a transient error with a time',
      new TransientError('Busy', '', { retryAfterSeconds: 9 }),
      { kind: 'transient', code: 'Busy', retryAfterSeconds: 9 },
    ],
    ['a zod error', z.string().safeParse(1).error, { kind: 'permanent', code: 'ValidationError' }],
    ['a zod/mini error', mini.string().safeParse(1).error, { kind: 'permanent', code: 'ValidationError' }],
    ['a missing item in S3', new NoSuchKey(metadata(404)), { kind: 'permanent', code: 'NoSuchKey' }],
    ['an AWS client fault', new ResourceNotFoundException(metadata(400)), { kind: 'permanent', code: 'ResourceNotFoundException' }],
    [
      'a failed condition',
      new ConditionalCheckFailedException(metadata(400)),
      { kind: 'permanent', code: 'ConditionalCheckFailedException' },
    ],
    ['an AWS client fault without a status', s3('NoSuchUpload', 'client', Number.NaN), { kind: 'permanent', code: 'NoSuchUpload' }],
    ['what AWS refuses for want of a permission', s3('AccessDenied', 'client', 403), { kind: 'unknown', code: 'AccessDenied' }],
    [
      'the same from a service that answers 400',
      s3('AccessDeniedException', 'client', 400),
      { kind: 'unknown', code: 'AccessDeniedException' },
    ],
    ['credentials that have expired', s3('ExpiredTokenException', 'client', 400), { kind: 'unknown', code: 'ExpiredTokenException' }],
    [
      'a transaction that met another',
      s3('TransactionConflictException', 'client', 400),
      { kind: 'transient', code: 'TransactionConflictException' },
    ],
    ['a code that is a number', new PermanentError(JSON.parse('1062'), ''), { kind: 'permanent', code: '1062' }],
    ['no code', new TransientError(JSON.parse('null'), ''), { kind: 'transient', code: 'TransientError' }],
    [
      'a time to wait that is no number',
      new TransientError('Busy', '', { retryAfterSeconds: JSON.parse('"9"') }),
      { kind: 'transient', code: 'Busy' },
    ],
    ['an AWS server fault', new InternalServerError(metadata(500)), { kind: 'transient', code: 'InternalServerError' }],
    [
      'an AWS throttle',
      new ProvisionedThroughputExceededException(metadata(400)),
      { kind: 'transient', code: 'ProvisionedThroughputExceededException' },
    ],
    ['S3 asking to slow down', s3('SlowDown', 'client', 503), { kind: 'transient', code: 'SlowDown' }],
    ['an AWS client fault with status 429', s3('Odd', 'client', 429), { kind: 'transient', code: 'Odd' }],
    [
      'an AWS error that says it may be retried',
      Object.assign(s3('Odd', 'client', 400), { $retryable: {} }),
      { kind: 'transient', code: 'Odd' },
    ],
    ['an abort', new DOMException('aborted', 'AbortError'), { kind: 'transient', code: 'AbortError' }],
    ['a timeout', AbortSignal.timeout(0).reason ?? new DOMException('', 'TimeoutError'), { kind: 'transient', code: 'TimeoutError' }],
    ['a bug', new TypeError('x is undefined'), { kind: 'unknown', code: 'TypeError' }],
    ['an error with a code that is none of the network', withCode('ENOENT'), { kind: 'unknown', code: 'Error' }],
  ])('%s', (_what, error, expected) => {
    expect(classify(error, NOW)).toEqual(expected);
  });

  it.each([408, 425, 429, 500, 501, 502, 503, 504, 529, 599])('HTTP %i is transient', (status) => {
    expect(classify(new HttpError(status, ''), NOW)).toEqual({ kind: 'transient', code: `Http${status}` });
  });

  it.each([100, 204, 301, 304, 400, 401, 402, 403, 404, 405, 409, 410, 412, 413, 415, 418, 422, 428, 431, 451])(
    'HTTP %i is permanent',
    (status) => {
      expect(classify(new HttpError(status, ''), NOW)).toEqual({ kind: 'permanent', code: `Http${status}` });
    },
  );

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_SOCKET',
  ])('%s is transient, also as the cause of "fetch failed"', (code) => {
    expect(classify(withCode(code), NOW)).toEqual({ kind: 'transient', code });
    expect(classify(new TypeError('fetch failed', { cause: withCode(code) }), NOW)).toEqual({ kind: 'transient', code });
  });

  it('reads the answer of fetch, without the query, which may be secret', () => {
    const response = { status: 503, url: 'http://payments.test/charge?card=1', headers: new Headers({ 'retry-after': '12' }) };
    const error = HttpError.of(response);
    expect(error.message).toBe('HTTP 503 from http://payments.test/charge');
    expect(classify(error, NOW)).toEqual({ kind: 'transient', code: 'Http503', retryAfterSeconds: 12 });

    expect(HttpError.of(new Response(null, { status: 404 }))).toMatchObject({ status: 404, message: 'HTTP 404' });
  });

  it('follows causes from the outermost, and stops at a limit', () => {
    expect(classify(caused(new PermanentError('Inner', ''), 3), NOW)).toEqual({ kind: 'permanent', code: 'Inner' });
    expect(classify(new TransientError('Outer', '', { cause: new PermanentError('Inner', '') }), NOW)).toEqual({
      kind: 'transient',
      code: 'Outer',
    });
    expect(classify(caused(new PermanentError('Inner', ''), 5), NOW)).toEqual({ kind: 'unknown', code: 'Error' });
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'ThrownObject'],
    ['undefined', undefined, 'ThrownUndefined'],
    ['a string', 'ECONNRESET', 'ThrownString'],
    ['a number', 5, 'ThrownNumber'],
    ['a symbol', Symbol('s'), 'ThrownSymbol'],
    ['a function', () => 1, 'ThrownFunction'],
    ['an object without prototype', Object.create(null), 'ThrownObject'],
    ['an object with a name of another kind', { name: 5, code: 5, cause: 5 }, 'ThrownObject'],
    ['a name of a megabyte', { name: 'x'.repeat(1_048_576) }, 'x'.repeat(64)],
  ])('calls %s unknown', (_what, thrown, code) => {
    expect(classify(thrown, NOW)).toEqual({ kind: 'unknown', code });
  });

  it('calls unknown what does not let itself be looked at', () => {
    const refuse = () => {
      throw new Error('do not look');
    };
    const getters = Object.defineProperties(
      {},
      { name: { get: refuse }, code: { get: refuse }, cause: { get: refuse }, $fault: { get: refuse } },
    );
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const own: Error = new Error('own cause');
    own.cause = own;

    expect(classify(getters, NOW)).toEqual({ kind: 'unknown', code: 'ThrownObject' });
    expect(classify(new Proxy({}, { get: refuse, getPrototypeOf: refuse }), NOW)).toEqual({ kind: 'unknown', code: 'ThrownObject' });
    expect(classify(revoked.proxy, NOW)).toEqual({ kind: 'unknown', code: 'ThrownObject' });
    expect(classify(own, NOW)).toEqual({ kind: 'unknown', code: 'Error' });
  });
});

describe('retryAfterSeconds', () => {
  it.each([
    [undefined, undefined],
    ['0', 0],
    [' 120 ', 120],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90],
    ['Thursday, 01-Jan-26 00:01:30 GMT', 90],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['in 2099', undefined],
    ['Mondays', undefined],
    ['9'.repeat(40), undefined],
  ])('%j is %j', (header, expected) => {
    expect(retryAfterSeconds(header, NOW)).toBe(expected);
  });
});
