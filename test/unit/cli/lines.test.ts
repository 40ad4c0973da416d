import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../../../cli/commands/send/lines.ts';
import { collect, from } from '../../helpers/streams.ts';

test('lines are the same however the stream is cut', async () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\n\r]/g, ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(20)), fc.constantFrom('\n', '\r\n'), async (texts, cuts, lineBreak) => {
      // A first line's byte order mark is not text.
      fc.pre(texts[0]?.startsWith('\ufeff') !== true);
      const whole = Buffer.from(texts.join(lineBreak));
      const chunks: Buffer[] = [];
      let rest = whole;
      for (const cut of cuts) {
        chunks.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }

      const lines = await collect(readLines(from([...chunks, rest])));

      const expected = texts
        .map((text, index) => ({ number: index + 1, text: Buffer.from(text).toString() }))
        .filter(({ text }) => text.trim() !== '');
      expect(lines.map(({ number, text }) => ({ number, text }))).toEqual(expected);
    }),
  );
});

test('a line that is too long is named', async () => {
  const lines = readLines(from([Buffer.from('short\n'), Buffer.from('much too long')]), 10);

  await expect(collect(lines)).rejects.toThrow('line 2 is longer than 10 bytes');
});
