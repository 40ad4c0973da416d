import { expect, test } from 'vitest';
import { age } from '../../../cli/commands/failed/age.ts';
import { redriven } from '../../../cli/commands/failed/redriven.ts';
import { explainError, isFatal } from '../../../cli/describe-error.ts';
import { suggestAgent } from '../../../cli/queues.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';

const envelope = '{"specversion":"1.0","id":"1","source":"/a","type":"b","time":"2026-01-02T03:04:05Z","generation":4}';
const failure = { outcome: 'rejected' as const, agent: 'a', code: 'X', reason: 'y', attempts: 1, failedAt: '2026-01-02T03:04:05Z' };

test.each([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
  [86_400_000 * 14, '14d'],
])('%i ms are %s', (milliseconds, text) => {
  expect(age(milliseconds)).toBe(text);
});

test('the recorded generation decides, not the one that the body says', () => {
  expect(redriven(envelope, { ...failure, generation: 7 })).toEqual({ body: envelope.replace(':4}', ':8}'), generation: 8 });
});

test('what SQS moved by itself keeps its generation', () => {
  expect(redriven(envelope, undefined)).toEqual({ body: envelope, generation: 4 });
});

test.each(['', 'text', '[]', '{}', '{"generation":1}', '['.repeat(20_000)])('what is not an envelope stays as it is', (body) => {
  expect(redriven(body, { ...failure, generation: 0 })).toEqual({ body, generation: undefined });
});

test.each([1_000, Number.NaN])('there is no generation after %d', (generation) => {
  expect(() => redriven(envelope, { ...failure, generation })).toThrow('1000 times');
});

test.each([
  ['a generation of its own', envelope, 4, undefined],
  ['a generation with a digit more', envelope, 9, 1],
  ['no generation', envelope.replace(',"generation":4', ''), 0, 15],
])('a message that fills 1 MiB and has %s', (_what, json, generation, missingBytes) => {
  const attributes = { authorization: { DataType: 'String', StringValue: 'Bearer abc' } };
  const fill = MAX_MESSAGE_BYTES - json.length - '"data":"",authorizationStringBearer abc'.length;
  const body = json.replace('{', `{"data":"${'x'.repeat(fill)}",`);
  const redrive = (text: string) => redriven(text, { ...failure, generation }, attributes);

  if (missingBytes === undefined) expect(redrive(body).generation).toBe(generation + 1);
  else {
    expect(() => redrive(body)).toThrow(`${missingBytes} ${missingBytes === 1 ? 'byte is' : 'bytes are'} missing for its generation`);
    expect(redrive(body.replace('x'.repeat(missingBytes), '')).generation).toBe(generation + 1);
  }
});

test('a message whose id belongs to other data is not redriven in its place', () => {
  expect(() => redriven(envelope, { ...failure, generation: 0, code: 'Conflict' })).toThrow('belongs to other data');
});

test.each([
  ['order-procesing', "Did you mean 'order-processing'? Its agents: order-processing, report-writing."],
  ['sentiment', 'Its agents: order-processing, report-writing.'],
])('instead of %s', (agent, suggestion) => {
  expect(suggestAgent(agent, ['order-processing', 'report-writing'])).toBe(suggestion);
});

const here = { endpointUrl: 'http://127.0.0.1:1', stage: 'dev' } as const;
const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const awsFault = (name: string) => Object.assign(new Error('no'), { name, $fault: 'client' });

test.each([
  [systemError('ECONNREFUSED'), 'cannot reach http://127.0.0.1:1 (ECONNREFUSED)'],
  [new AggregateError([systemError('ECONNREFUSED')]), 'cannot reach http://127.0.0.1:1 (ECONNREFUSED)'],
  [new Error('outer', { cause: systemError('ENOTFOUND') }), 'cannot reach http://127.0.0.1:1 (ENOTFOUND)'],
  [Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'no AWS credentials'],
  [new Error('Region is missing'), 'no AWS region'],
  [awsFault('AccessDenied'), 'http://127.0.0.1:1 answered AccessDenied: no'],
  [awsFault('NoSuchBucket'), "stage 'dev' has no content bucket at http://127.0.0.1:1: no"],
])('%s is explained', (error, message) => {
  expect(explainError(error, here)?.message).toBe(message);
});

test('a bug is not explained away', () => {
  expect(explainError(new TypeError('x is not a function'), here)).toBeUndefined();
});

test.each([
  [systemError('ECONNRESET'), true],
  [awsFault('AccessDenied'), true],
  [awsFault('QueueDoesNotExist'), true],
  [awsFault('NoSuchKey'), false],
  [awsFault('ThrottlingException'), false],
])('%s ends everything: %s', (error, fatal) => {
  expect(isFatal(error)).toBe(fatal);
});
