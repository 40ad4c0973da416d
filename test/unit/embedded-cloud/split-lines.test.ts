import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { splitLines } from '../../../local/lambda/split-lines.ts';

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  splitLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return lines;
}

test('cuts at line feeds only', async () => {
  expect(await linesOf('a\u2028b\u2029c\u0085d\u009be\rf\ng\n')).toEqual(['a\u2028b\u2029c\u0085d\u009be\rf', 'g']);
});

test('keeps empty lines, and what follows the last line feed', async () => {
  expect(await linesOf('\n\na', 'b\n', 'rest')).toEqual(['', '', 'ab', 'rest']);
});

test('keeps a character that comes in two chunks', async () => {
  const bytes = Buffer.from('é\u2028👋\n');

  expect(await linesOf(bytes.subarray(0, 1), bytes.subarray(1, 6), bytes.subarray(6))).toEqual(['é\u2028👋']);
});
