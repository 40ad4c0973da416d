import { describe, expect, it } from 'vitest';
import { attributeValue } from '../../../events/failure-attributes.ts';

describe('attributeValue', () => {
  it.each([
    ['text as it is', 'größe\t\n\r 🙂', 'größe\t\n\r 🙂'],
    ['nothing as a hyphen', '', '-'],
    ['what is missing as a hyphen', undefined, '-'],
    ['control characters replaced', 'a\u0000b\u001b', 'a\uFFFDb\uFFFD'],
    ['halves of characters replaced', '\uD800a\uDC00', '\uFFFDa\uFFFD'],
    ['non-characters replaced', '\uFFFE\uFFFF', '\uFFFD\uFFFD'],
    ['a long text cut', 'x'.repeat(2_000), 'x'.repeat(1_024)],
    ['a character that the cut would halve replaced', `${'x'.repeat(1_023)}🙂`, `${'x'.repeat(1_023)}\uFFFD`],
  ])('gives %s', (_what, text, expected) => {
    expect(attributeValue(text)).toBe(expected);
  });
});
