import type { Readable } from 'node:stream';

/**
 * Cuts what a stream brings at each line feed, and nowhere else: `node:readline` cuts at U+2028 and U+2029, too, which may be in the
 * text of a line. What follows the last line feed is a line when the stream ends.
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
