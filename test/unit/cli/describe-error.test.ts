import { expect, test } from 'vitest';
import { CliError } from '../../../cli/cli-error.ts';
import { describeError } from '../../../cli/describe-error.ts';
import { MissingQueueError, NoAgentsError, UnknownAgentError } from '../../../client/index.ts';

const here = { endpoint: 'http://127.0.0.1:1', stage: 'dev' } as const;
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
])('%s is described', (error, message) => {
  expect(describeError(error, here)?.message).toBe(message);
});

test('a bug has no description: its stack is shown', () => {
  expect(describeError(new TypeError('x is not a function'), here)).toBeUndefined();
});

test('a failed connection says where to, without the credentials and the query of the endpoint', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 9_999 });
  const failed = new TypeError('fetch failed', { cause: new AggregateError([refused]) });

  expect(describeError(failed, { endpoint: 'http://user:secret@127.0.0.1:9999/path?token=secret', stage: 'dev' })).toEqual({
    message: 'cannot reach http://127.0.0.1:9999 (ECONNREFUSED 127.0.0.1:9999)',
    remedy: expect.stringContaining('posthorn dev'),
  });
});

test.each([
  [new CliError('which agent?', { remedy: 'Give --agent.' }), { message: 'which agent?', remedy: 'Give --agent.' }],
  [new UnknownAgentError('no agent', { remedy: 'Its agents: a.' }), { message: 'no agent', remedy: 'Its agents: a.' }],
  [new NoAgentsError('none'), { message: 'none', remedy: expect.stringContaining('--stage') }],
  [new MissingQueueError('no queue', { remedy: 'another region' }), { message: 'no queue', remedy: expect.stringContaining('--region') }],
])('%s has its own remedy, in options of the command', (error, description) => {
  expect(describeError(error, here)).toEqual(description);
});
