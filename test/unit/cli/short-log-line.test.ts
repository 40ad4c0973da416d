import { expect, test } from 'vitest';
import { shortLogLine } from '../../../cli/commands/dev/terminal/short-log-line.ts';

const line = (text: string) => shortLogLine({ functionName: 'posthorn-dev-greeting', stream: 'stdout', text });

test('leaves out of JSON what each line of a function repeats', () => {
  const fields = {
    level: 'INFO',
    message: 'message audited',
    service: 'greeting',
    version: '1.0.0',
    outcome: 'processed',
    failedAttempts: 0,
  };

  expect(line(JSON.stringify(fields))).toBe('posthorn-dev-greeting {"level":"INFO","message":"message audited","outcome":"processed"}');
});

test.each([
  ['text', 'posthorn-dev-greeting text'],
  ['{ no JSON', 'posthorn-dev-greeting { no JSON'],
  ['a\u2028b\u2029c\u0085d\u009be\u202ef\rg', 'posthorn-dev-greeting a\\u2028b\\u2029c\\u0085d\\u009be\\u202ef\\u000dg'],
])('%j is one line that steers no terminal', (text, expected) => {
  expect(line(text)).toBe(expected);
});

test('JSON stays the same value with the characters that break lines', () => {
  const written = line(JSON.stringify({ id: 'a\u2028b\u009b' }));

  expect(written).not.toMatch(/[\u2028\u009b]/);
  expect(JSON.parse(written.slice(written.indexOf('{')))).toEqual({ id: 'a\u2028b\u009b' });
});
