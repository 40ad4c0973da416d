import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLine } from '../../../cli/print-json.ts';
import { printable, printableLine } from '../../../cli/printable.ts';

const HOSTILE = [
  ['an escape sequence', '\u001b[2J'],
  ['C1 CSI', '\u009b2J'],
  ['next line', '\u0085'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['a carriage return', '\r'],
  ['delete', '\u007f'],
  ['right-to-left override', '\u202e'],
  ['right-to-left mark', '\u200f'],
  ['Arabic letter mark', '\u061c'],
  ['an isolate', '\u2067'],
  ['a lone surrogate', '\ud800'],
] as const;

const FORBIDDEN = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;

test.each(HOSTILE)('%s is replaced on a terminal and escaped in JSON', (_what, text) => {
  const id = `order-${text}-1`;

  expect(printable(id)).toMatch(/^order-\ufffd.*-1$/);
  expect(printable(id)).not.toMatch(FORBIDDEN);
  expect(jsonLine({ id })).not.toMatch(FORBIDDEN);
  expect(JSON.parse(jsonLine({ id }))).toEqual({ id });
});

test('other text stays as it is: lines, tabs, umlauts, emoji', () => {
  const text = 'a\tb\nüñ 中 👩‍👩‍👧 "x"';

  expect(printable(text)).toBe(text);
  expect(jsonLine(text)).toBe(JSON.stringify(text));
});

test('what must be one line is one', () => {
  expect(printableLine('first\r\n\tsecond')).toBe('first second');
});

test('whatever is in it, a JSON line is one line, and the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const line = jsonLine({ value, text });

      expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ value, text })));
    }),
  );
});
