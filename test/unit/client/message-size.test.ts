import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageBytes } from '../../../client/send/message-bytes.ts';
import { pack } from '../../../client/send/pack.ts';
import { toBody } from '../../../client/send/to-body.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { collect, from } from '../../helpers/streams.ts';

test('packs are what SQS takes, in order, and nothing is lost', async () => {
  const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: MAX_MESSAGE_BYTES }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 40 }), async (sizes) => {
      const packs = await collect(pack(from(sizes), (bytes) => bytes));

      for (const packed of packs) {
        expect(packed.length).toBeLessThanOrEqual(10);
        expect(packed.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      }
      expect(packs.flat()).toEqual(sizes);
    }),
    { numRuns: 100 },
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
