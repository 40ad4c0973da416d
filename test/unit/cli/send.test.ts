import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BARE_DATA_TYPE, completeEvent } from '../../../cli/commands/send/complete-event.ts';
import { readLines } from '../../../cli/commands/send/lines.ts';
import { pack } from '../../../cli/commands/send/pack.ts';
import type { Prepared, Refused } from '../../../cli/commands/send/prepare.ts';
import { messageBytes, toBody } from '../../../cli/commands/send/sized.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';

const defaults = { id: 'new', source: '/here', time: '2026-01-02T03:04:05Z', traceparent: 'trace', type: undefined };

async function* from<Element>(elements: readonly Element[]): AsyncGenerator<Element> {
  yield* elements;
}

async function collect<Element>(stream: AsyncIterable<Element>): Promise<readonly Element[]> {
  const elements: Element[] = [];
  for await (const element of stream) elements.push(element);
  return elements;
}

test.each([
  [{ specversion: '1.0' }, { specversion: '1.0', id: 'new', source: '/here', time: defaults.time, traceparent: 'trace' }],
  [
    { id: 'old', data: 1, traceparent: 'own' },
    { specversion: '1.0', id: 'old', source: '/here', time: defaults.time, data: 1, traceparent: 'own' },
  ],
  [{ specversion: '9', 'Not Allowed': 1 }, expect.objectContaining({ specversion: '9', 'Not Allowed': 1 })],
])('%o is an envelope: what it has is kept', (given, event) => {
  expect(completeEvent(given, defaults)).toEqual(event);
});

test.each([[{ total: 7 }], [{ data: 1, total: 7 }], [{ id: 'a', type: 'b' }], [[1]], ['text'], [7], [null], [true]])(
  '%o is bare data',
  (given) => {
    expect(completeEvent(given, defaults)).toMatchObject({
      id: 'new',
      type: BARE_DATA_TYPE,
      datacontenttype: 'application/json',
      data: given,
    });
    expect(completeEvent(given, { ...defaults, type: 'own.type' })).toMatchObject({ type: 'own.type' });
  },
);

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

test('packs are what SQS takes, in order, and nothing is lost', async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: MAX_MESSAGE_BYTES }));
  const item = fc.record({ size, refused: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 40 }), async (given) => {
      const items = given.map(({ size: length, refused }, index): Prepared | Refused => {
        const position = String(index);
        if (refused) return { position, line: '', reason: 'bad', endOffset: index };
        return { position, body: 'x'.repeat(length), event: undefined, claimCheck: false, endOffset: index };
      });

      const packs = await collect(pack(from(items)));

      for (const { messages } of packs) {
        expect(messages.length).toBeLessThanOrEqual(10);
        expect(messages.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      }
      expect(packs.flatMap(({ messages }) => messages)).toEqual(items.filter((each) => 'body' in each));
      expect(packs.flatMap(({ refused }) => refused)).toEqual(items.filter((each) => 'reason' in each));
    }),
    { numRuns: 30 },
  );
});

test('a body is the JSON of its event, without the characters that SQS refuses', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', '\ufffe', '\uffff', '\ud800'), (value, odd) => {
      const event = { value, odd };

      const body = toBody(event);

      expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(event)));
      expect(body).not.toMatch(/[\ufffe\uffff]|\p{Cs}/u);
    }),
  );
});

test('attributes count', () => {
  const binary = { DataType: 'Binary', BinaryValue: new Uint8Array(5) };
  expect(messageBytes('ü', { name: { DataType: 'String', StringValue: 'abc' }, b: binary })).toBe(2 + 4 + 6 + 3 + 1 + 6 + 5);
});
