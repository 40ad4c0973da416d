import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../functions/runtime/failure/alert-once.ts';

const thrownAt = (frame: string, error = new TypeError('x')) =>
  Object.assign(error, { stack: `${error.name}: ${error.message}\n    at ${frame}\n    at elsewhere (b.ts:9:9)` });

describe('fingerprintOf', () => {
  const base = fingerprintOf('testing', thrownAt('handle (/var/task/index.mjs:10:5)'));

  it('is sixteen hex digits', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ['another message', fingerprintOf('testing', thrownAt('handle (/var/task/index.mjs:10:5)', new TypeError('of order 7')))],
    ['another column', fingerprintOf('testing', thrownAt('handle (/var/task/index.mjs:10:17)'))],
  ])('is the same for %s', (_what, fingerprint) => {
    expect(fingerprint).toBe(base);
  });

  it.each([
    ['agent', fingerprintOf('other', thrownAt('handle (/var/task/index.mjs:10:5)'))],
    ['kind of error', fingerprintOf('testing', thrownAt('handle (/var/task/index.mjs:10:5)', new RangeError('x')))],
    ['line', fingerprintOf('testing', thrownAt('handle (/var/task/index.mjs:11:5)'))],
    ['function', fingerprintOf('testing', thrownAt('parse (/var/task/index.mjs:10:5)'))],
    ['thing that is no error', fingerprintOf('testing', 'text')],
  ])('is another for another %s', (_what, fingerprint) => {
    expect(fingerprint).not.toBe(base);
  });

  it('is there for a frame without a function and for no stack at all', () => {
    expect(fingerprintOf('testing', thrownAt('/var/task/index.mjs:10:5'))).toBe(
      fingerprintOf('testing', thrownAt('/var/task/index.mjs:10:6')),
    );
    expect(fingerprintOf('testing', Object.assign(new Error('x'), { stack: undefined }))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf('testing', undefined)).toMatch(/^[0-9a-f]{16}$/);
  });
});
