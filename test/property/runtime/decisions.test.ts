import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeValue } from '../../../events/failure-attributes.ts';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import type { RetryPolicy } from '../../../functions/runtime/agent/agent.ts';
import { chunkBySize, sizeOf } from '../../../functions/runtime/batch/coalesce.ts';
import { fingerprintOf } from '../../../functions/runtime/failure/alert-once.ts';
import { classify, retryAfterSeconds } from '../../../functions/runtime/failure/classify.ts';
import { decideFailure, retryDelaySeconds } from '../../../functions/runtime/failure/retry.ts';
import { admit } from '../../../functions/runtime/ledger/admit.ts';
import { anyRecord } from './arbitraries.ts';

const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  maxRetries: fc.integer({ min: 0, max: 8 }),
  baseDelaySeconds: fc.integer({ min: 1, max: 900 }),
  maxDelaySeconds: fc.integer({ min: 1, max: 42_000 }),
});
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelaySeconds', () => {
  it('is whole, at least 1, at most the ceiling and the longest delay, and honours what was asked within it', () => {
    fc.assert(
      fc.property(
        policy,
        fraction,
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.double(), { nil: undefined }),
        (given, jitter, attempts, asked) => {
          const delay = retryDelaySeconds(attempts, given, jitter, asked);

          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(1);
          expect(delay).toBeLessThanOrEqual(given.maxDelaySeconds);
          if (asked === undefined) expect(delay).toBeLessThanOrEqual(given.baseDelaySeconds * 2 ** (attempts - 1));
          else if (asked > 0) expect(delay).toBeGreaterThanOrEqual(Math.min(asked, given.maxDelaySeconds));
        },
      ),
    );
  });
});

describe('decideFailure', () => {
  it('retries at most as often as the policy allows, whatever happens', () => {
    const kind = fc.constantFrom<'transient' | 'unknown'>('transient', 'unknown');
    fc.assert(
      fc.property(policy, kind, fraction, (given, failure, jitter) => {
        let attempts = 1;
        while (decideFailure({ kind: failure, code: 'x' }, attempts, false, given, jitter).action === 'retry') attempts++;

        expect(attempts).toBe(given.maxRetries + 1);
      }),
    );
  });
});

describe('admit', () => {
  const message = fc.record({ generation: fc.integer({ min: 0, max: 3 }), digest: fc.constantFrom('a', 'b') });
  const seen: fc.Arbitrary<LedgerRecord | undefined> = fc.option(
    fc.tuple(anyRecord, message).map(([record, { generation, digest }]) => ({ ...record, generation, digest })),
    { nil: undefined },
  );

  it('never lets its own or an older generation be handled once there is an outcome, nor anything that was processed', () => {
    fc.assert(
      fc.property(seen, message, fc.integer(), (record, arrived, now) => {
        const admission = admit(record, arrived, now);

        expect(['handle', 'finished', 'superseded', 'claimed', 'abandoned', 'conflict']).toContain(admission);
        if (record?.outcome === undefined) return;
        const isHandled = admission === 'handle' || admission === 'claimed' || admission === 'abandoned';
        if (arrived.digest !== record.digest || arrived.generation <= record.generation || record.outcome === 'processed')
          expect(isHandled).toBe(false);
        else expect(admission).toBe('handle');
      }),
    );
  });

  it('calls other data a conflict, always and alone, and lets one message at a time have the claim', () => {
    fc.assert(
      fc.property(seen, message, fc.integer(), (record, arrived, now) => {
        const admission = admit(record, arrived, now);

        if (record !== undefined) expect(admission === 'conflict').toBe(record.digest !== arrived.digest);
        if (admission === 'claimed') expect(record?.claim?.expiresAt).toBeGreaterThan(now);
        if (admission === 'abandoned') expect(record?.claim?.expiresAt).toBeLessThanOrEqual(now);
      }),
    );
  });
});

describe('classify', () => {
  const thrown = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withTypedArray: true,
    key: fc.constantFrom('name', 'code', 'cause', '$fault', '$metadata', 'message', 'x'),
  });

  it('never throws, and describes any value briefly', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          thrown,
          thrown.map((cause) => new Error('outer', { cause })),
        ),
        (value) => {
          const { kind, code } = classify(value, 0);

          expect(['permanent', 'transient', 'unknown']).toContain(kind);
          expect(code.length).toBeGreaterThan(0);
          expect(code.length).toBeLessThanOrEqual(64);
          expect(fingerprintOf('agent', value)).toMatch(/^[0-9a-f]{16}$/);
        },
      ),
    );
  });

  it('reads any Retry-After as nothing or as whole seconds', () => {
    const date = fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('9999-12-31') });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          date.map((value) => value.toUTCString()),
        ),
        (header) => {
          const seconds = retryAfterSeconds(header, 0) ?? 0;

          expect(Number.isInteger(seconds) && seconds >= 0).toBe(true);
        },
      ),
    );
    fc.assert(
      fc.property(date, (value) => {
        expect(retryAfterSeconds(value.toUTCString(), 0)).toBe(Math.floor(value.getTime() / 1_000));
      }),
    );
  });
});

describe('chunkBySize', () => {
  it('keeps every message in order, within the size unless one alone is over it, in as few chunks as greed gives', () => {
    const message = fc.record({
      body: fc.nat({ max: 1_300_000 }).map((length) => 'x'.repeat(length)),
      attributes: fc.constant({ a: 'b' }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const chunks = chunkBySize(messages);

        expect(chunks.flat()).toEqual(messages);
        for (const [index, chunk] of chunks.entries()) {
          const bytes = chunk.map(sizeOf).reduce((sum, size) => sum + size, 0);
          expect(chunk.length).toBeGreaterThan(0);
          if (chunk.length > 1) expect(bytes).toBeLessThanOrEqual(1_048_576);
          const next = chunks[index + 1]?.[0];
          if (next) expect(bytes + sizeOf(next)).toBeGreaterThan(1_048_576);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('attributeValue', () => {
  it('is never empty, never long, and has only characters that SQS takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        expect(attributeValue(text)).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]{1,1024}$/u);
      }),
    );
  });
});
