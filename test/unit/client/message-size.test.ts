import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageBytes } from '../../../client/send/message-bytes.ts';
import { toBody } from '../../../client/send/to-body.ts';

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
