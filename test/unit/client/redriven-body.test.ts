import { expect, test } from 'vitest';
import { redrivenBody } from '../../../client/failed/redriven-body.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';

const envelope = '{"specversion":"1.0","id":"1","source":"/a","type":"b","time":"2026-01-02T03:04:05Z","generation":4}';
const failure = { outcome: 'rejected' as const, agent: 'a', code: 'X', reason: 'y', attempts: 1, failedAt: '2026-01-02T03:04:05Z' };

test('the recorded generation decides, not the one that the body says', () => {
  expect(redrivenBody(envelope, { ...failure, generation: 7 })).toEqual({ body: envelope.replace(':4}', ':8}'), generation: 8 });
});

test('what SQS moved by itself keeps its generation', () => {
  expect(redrivenBody(envelope, undefined)).toEqual({ body: envelope, generation: 4 });
});

test.each(['', 'text', '[]', '{}', '{"generation":1}', '['.repeat(20_000)])('what is not an envelope stays as it is', (body) => {
  expect(redrivenBody(body, { ...failure, generation: 0 })).toEqual({ body, generation: undefined });
});

test.each([1_000, Number.NaN])('there is no generation after %d', (generation) => {
  expect(() => redrivenBody(envelope, { ...failure, generation })).toThrow('1000 times');
});

const filling = (json: string, bytes: number): string =>
  json.replace('{', `{"data":"${'x'.repeat(bytes - json.length - '"data":"",'.length)}",`);

test.each([
  ['a generation of its own', envelope, 4, undefined],
  ['a generation with a digit more', envelope, 9, 1],
  ['no generation', envelope.replace(',"generation":4', ''), 0, 15],
])('a message that fills 1 MiB and has %s', (_what, json, generation, missingBytes) => {
  const body = filling(json, MAX_MESSAGE_BYTES);
  const redrive = (text: string) => redrivenBody(text, { ...failure, generation });

  if (missingBytes === undefined) expect(redrive(body).generation).toBe(generation + 1);
  else {
    expect(() => redrive(body)).toThrow(`${missingBytes} ${missingBytes === 1 ? 'byte is' : 'bytes are'} missing for its generation: send`);
    expect(redrive(body.replace('x'.repeat(missingBytes), '')).generation).toBe(generation + 1);
  }
});

test.each([
  ['recorded a failure of', { ...failure, generation: 4 }],
  ['moved', undefined],
])('the attributes that a message is sent with must fit beside it, whoever %s it', (_who, failed) => {
  const attributes = {
    authorization: { DataType: 'String', StringValue: 'Bearer abc' },
    'posthorn-sender': { DataType: 'String', StringValue: 's' },
  };
  const room = MAX_MESSAGE_BYTES - 'authorizationStringBearer abcposthorn-senderStrings'.length;

  expect(redrivenBody(filling(envelope, room), failed, attributes).body).toHaveLength(room);
  expect(() => redrivenBody(filling(envelope, room + 2), failed, attributes)).toThrow(
    'it fills its message, 2 bytes are missing for the attributes that it is sent with (authorization, posthorn-sender): send its data',
  );
});

test('a message whose id belongs to other data is not redriven in its place', () => {
  expect(() => redrivenBody(envelope, { ...failure, generation: 0, code: 'Conflict' })).toThrow('belongs to other data');
});
