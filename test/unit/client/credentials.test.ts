import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwsClients } from '../../../client/aws-clients.ts';
import { Credentials } from '../../../client/send/credentials.ts';
import { meshName } from '../../../events/names.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-02T03:04:05Z');

let asked: { tokens: number; records: number };
let record: { needsToken: boolean } | { fault: string };
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  asked = { tokens: 0, records: 0 };
  record = { needsToken: true };
});
afterEach(() => {
  vi.useRealTimers();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.headers['x-amz-target'] === undefined) {
    const nth = ++asked.tokens;
    const expiration = new Date(Date.now() + 15 * MINUTE).toISOString();
    response.setHeader('content-type', 'text/xml');
    response.end(
      `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult><WebIdentityToken>token-${nth}</WebIdentityToken><Expiration>${expiration}</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`,
    );
    return;
  }
  asked.records++;
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  if ('fault' in record) {
    response.statusCode = 400;
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${record.fault}`, message: 'no' }));
    return;
  }
  const value = JSON.stringify({ agent: 'greeting', ...record, actions: {}, principals: {}, tokenHolders: [], issuers: [] });
  response.end(JSON.stringify({ Item: { kind: { S: 'access' }, id: { S: 'greeting' }, value: { S: value }, revision: { N: '1' } } }));
}

async function credentials(): Promise<Credentials> {
  const endpoint = await startAws(answer);
  return new Credentials(new AwsClients({ endpoint }), meshName({ stage: 'prod' }), undefined);
}

test('callers at the same time share one request, also when the token nears its end', async () => {
  const given = await credentials();
  const ten = () => Promise.all(Array.from({ length: 10 }, () => given.attributesFor('greeting')));

  const first = await ten();
  const asked1 = { ...asked };
  vi.setSystemTime(START + 14 * MINUTE);
  const second = await ten();

  expect(new Set(first.map(({ authorization }) => authorization?.StringValue))).toEqual(new Set(['token-1']));
  expect(asked1).toEqual({ tokens: 1, records: 1 });
  expect(new Set(second.map(({ authorization }) => authorization?.StringValue))).toEqual(new Set(['token-2']));
  expect(asked).toEqual({ tokens: 2, records: 2 });
});

test('an agent that begins to want a token, or no longer wants one, is known after a minute', async () => {
  record = { needsToken: false };
  const given = await credentials();
  const wants = async () => 'authorization' in (await given.attributesFor('greeting'));

  expect(await wants()).toBe(false);
  record = { needsToken: true };
  vi.setSystemTime(START + MINUTE - 1);
  expect(await wants()).toBe(false);
  vi.setSystemTime(START + MINUTE);
  expect(await wants()).toBe(true);
});

test('a registry that may not be read is not one that is missing', async () => {
  const given = await credentials();

  record = { fault: 'ResourceNotFoundException' };
  expect(await given.access('greeting')).toMatchObject({ record: undefined, denied: undefined });

  vi.setSystemTime(START + MINUTE);
  record = { fault: 'AccessDeniedException' };
  expect(await given.access('greeting')).toMatchObject({
    record: undefined,
    denied: {
      code: 'Registry',
      message:
        "The registry of mesh posthorn-prod shows who wrote the failure in this message's attributes, and this client may not read it",
      remedy: 'Give your role the permission dynamodb:GetItem on the table posthorn-prod-registry.',
    },
  });
  expect(await given.attributesFor('greeting')).toEqual({});
});

test('an error is not remembered', async () => {
  record = { fault: 'ValidationException' };
  const given = await credentials();

  await expect(given.access('greeting')).rejects.toMatchObject({ name: 'ValidationException' });
  record = { needsToken: true };
  expect((await given.access('greeting')).record?.needsToken).toBe(true);
});
