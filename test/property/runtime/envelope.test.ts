import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { InvalidEnvelopeError, parseEnvelope } from '../../../events/parse-envelope.ts';
import { isNestedDeeperThan } from '../../../events/safe-json.ts';
import { anyEnvelope } from './arbitraries.ts';

describe('parseEnvelope', () => {
  it('gives back every envelope that the mesh takes', () => {
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        expect(parseEnvelope(JSON.stringify(envelope))).toEqual(envelope);
      }),
    );
  });

  it('throws nothing but an InvalidEnvelopeError, whatever comes, and changes no prototype', () => {
    const key = fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'specversion',
      'id',
      'metadata',
      'data',
      'toString',
      'hasOwnProperty',
    );
    const hostile = fc.object({ key, maxDepth: 5, withNullPrototype: true }).map((value) => JSON.stringify(value));
    const mutated = fc
      .tuple(anyEnvelope, key, fc.json())
      .map(([envelope, name, value]) => `{${JSON.stringify(name)}:${value},${JSON.stringify(envelope).slice(1)}`);
    const broken = fc.tuple(anyEnvelope, fc.nat(), fc.string()).map(([envelope, at, noise]) => {
      const text = JSON.stringify(envelope);
      return text.slice(0, at % text.length) + noise + text.slice((at % text.length) + 1);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json(), hostile, mutated, broken), (body) => {
        try {
          const envelope = parseEnvelope(body);

          expect(envelope.specversion).toBe('1.0');
          expect(Object.getPrototypeOf(envelope)).toBe(Object.prototype);
        } catch (error) {
          if (!(error instanceof InvalidEnvelopeError)) throw error;
          expect(error.code).toBe('InvalidEnvelope');
          expect(error.message.length).toBeGreaterThan(10);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('isNestedDeeperThan', () => {
  it('agrees with counting by recursion', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 10 }), (json, limit) => {
        expect(isNestedDeeperThan(limit, json)).toBe(depthOf(JSON.parse(json)) > limit);
      }),
      { numRuns: 500 },
    );
  });

  it('is not misled by brackets and quotes in strings', () => {
    const text = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a') });
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.array(text))), fc.integer({ min: 0, max: 3 }), (value, limit) => {
        expect(isNestedDeeperThan(limit, JSON.stringify(value))).toBe(depthOf(value) > limit);
      }),
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
