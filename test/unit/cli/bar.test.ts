import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bar } from '../../../cli/commands/trace/bar.ts';
import type { Segment } from '../../../cli/commands/trace/segments.ts';

const MARKS = { waited: '░', failed: '▒', backoff: '·', handled: '█' };

const drawn = (segments: readonly Segment[], to: number, columns: number) =>
  stripVTControlCharacters(bar(segments, { from: 0, to }, columns));

const segments = (...parts: readonly (readonly [Segment['kind'], number])[]): readonly Segment[] => {
  let at = 0;
  return parts.map(([kind, length]) => {
    const from = at;
    at += length;
    return { kind, from, to: at };
  });
};

test('a part that is short beside the others has a column, at the end, too', () => {
  expect(drawn(segments(['waited', 53_000], ['handled', 7]), 53_007, 10)).toBe('░░░░░░░░░█');
  expect(drawn(segments(['waited', 1], ['failed', 1], ['backoff', 9_998], ['handled', 1]), 10_001, 10)).toBe('░▒·······█');
  expect(drawn(segments(['waited', 9_000], ['failed', 1], ['backoff', 1], ['failed', 1], ['handled', 1]), 9_004, 10)).toBe('░░░░░░▒·▒█');
});

test('a bar begins and ends where its time does, as far as there is room', () => {
  expect(drawn([{ kind: 'handled', from: 50, to: 100 }], 100, 10)).toBe('     █████');
  expect(drawn([{ kind: 'handled', from: 0, to: 50 }], 100, 10)).toBe('█████');
  expect(drawn([{ kind: 'handled', from: 100, to: 100 }], 100, 10)).toBe('         █');
});

test('each part has a column in its order wherever there are as many columns', () => {
  const part = fc.tuple(fc.constantFrom('waited', 'failed', 'backoff', 'handled'), fc.nat({ max: 10_000 }));
  fc.assert(
    fc.property(fc.nat(10_000), fc.array(part, { minLength: 1, maxLength: 12 }), fc.nat(10_000), (before, parts, after) => {
      const all = segments(['waited', before], ...parts).slice(1);
      const end = all.at(-1)?.to ?? 0;

      const text = drawn(all, end + after, 12);

      expect(text.length).toBeLessThanOrEqual(12);
      const inOrder = (marks: string) => marks.trim().replaceAll(/(.)\1+/g, '$1');
      expect(inOrder(text)).toBe(inOrder(parts.map(([kind]) => MARKS[kind]).join('')));
      // Parts of the same kind beside each other look like one.
      expect(text.trimStart().length).toBeGreaterThanOrEqual(parts.length);
    }),
  );
});
