import type { Readable } from 'node:stream';

/**
 * Splits a stream at line feeds only. `node:readline` also splits at U+2028 and U+2029, which a line may contain. The text after the
 * last line feed is a line when the stream ends.
 */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream
    .setEncoding('utf8')
    .on('data', (text: string) => {
      const [first = '', ...others] = text.split('\n');
      rest += first;
      for (const next of others) {
        onLine(rest);
        rest = next;
      }
    })
    .on('end', () => {
      if (rest !== '') onLine(rest);
    });
}
