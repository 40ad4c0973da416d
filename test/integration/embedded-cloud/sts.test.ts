import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  type GetWebIdentityTokenCommandInput,
  STSClient,
} from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { DataDirectoryDamagedError } from '../../../local/errors.ts';
import { checkDataDirectory } from '../../../local/services/data-directory.ts';
import { OPERATOR_SENDER_ID } from '../../../local/services/identities.ts';
import { roleId } from '../../../local/template/role-id.ts';
import { agent, queue, writeAssembly } from '../../helpers/written-assembly.ts';
import { credentials } from './running-fixture.ts';

/** Passes on who it is. */
const SELF = `
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
const sts = new STSClient({});
export const handler = async () => {
  const { Arn, UserId, Account } = await sts.send(new GetCallerIdentityCommand({}));
  const { WebIdentityToken } = await sts.send(new GetWebIdentityTokenCommand({ Audience: ['posthorn'], SigningAlgorithm: 'ES384' }));
  const MessageBody = JSON.stringify({ Arn, UserId, Account, WebIdentityToken });
  await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.AWS_ENDPOINT_URL + '/000000000000/out', MessageBody }));
};`;

const sessionSchema = z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), SessionToken: z.string(), Expiration: z.date() });

async function start(options: { readonly dataDirectory?: string } = {}) {
  const resources = { Out: queue('out'), ...agent('self', { source: SELF }) };
  const cloud = await EmbeddedCloud.start({ port: 0, assemblyDirectory: writeAssembly({ state: { resources } }), ...options });
  onTestFinished(() => cloud.stop());
  const settings = { endpoint: cloud.endpoint, region: 'us-east-1' };
  const sts = new STSClient({ ...settings, credentials });
  const sqs = new SQSClient({ ...settings, credentials });
  const assume = async (RoleArn: string, RoleSessionName: string) => {
    const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration,
    } = sessionSchema.parse(Credentials);
    return { credentials: { accessKeyId, secretAccessKey, sessionToken }, AssumedRoleUser, expiration: Expiration };
  };
  const receive = async (name: string) => {
    const request = {
      QueueUrl: `${cloud.endpoint}/000000000000/${name}`,
      WaitTimeSeconds: 20,
      MessageSystemAttributeNames: ['All' as const],
    };
    return (await sqs.send(new ReceiveMessageCommand(request))).Messages?.[0];
  };
  const token = async (input: Partial<GetWebIdentityTokenCommandInput> = {}, client = sts) => {
    const request = new GetWebIdentityTokenCommand({ Audience: ['posthorn'], SigningAlgorithm: 'RS256', ...input });
    const { WebIdentityToken = '', Expiration } = await client.send(request);
    return { token: WebIdentityToken, expiration: Expiration };
  };
  return { cloud, settings, sts, sqs, assume, receive, token };
}

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), alg: z.string(), kty: z.string() })) });
const headerSchema = z.object({ alg: z.enum(['RS256', 'ES384']), kid: z.string(), typ: z.literal('JWT') });

/** Verifies a token with the keys that its issuer publishes. @returns its claims */
async function claimsOf(token: string): Promise<Readonly<Record<string, unknown>>> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { alg, kid } = headerSchema.parse(decode(header));
  const claims = z.looseObject({ iss: z.string() }).parse(decode(payload));
  const discovery = await (await fetch(`${claims.iss}/.well-known/openid-configuration`)).json();
  const { issuer, jwks_uri: uri } = z.looseObject({ issuer: z.string(), jwks_uri: z.string() }).parse(discovery);
  expect(issuer).toBe(claims.iss);
  const key = jwksSchema.parse(await (await fetch(uri)).json()).keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Error(`${kid} is not among the issuer's keys`);
  expect(key).not.toHaveProperty('d');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  const isValid = verify(
    alg === 'RS256' ? 'sha256' : 'sha384',
    Buffer.from(`${header}.${payload}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isValid).toBe(true);
  return claims;
}

const PRODUCER = 'arn:aws:iam::000000000000:role/teams/orders/producer';

test('a caller is told who it is: the operator, a session of a role, a function', async () => {
  const { cloud, settings, sts, assume, sqs, receive } = await start();
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    ...{ Arn: 'arn:aws:iam::000000000000:user/local-operator', UserId: OPERATOR_SENDER_ID, Account: '000000000000' },
  });

  const { credentials: session } = await assume(PRODUCER, 'order-42');
  expect(await new STSClient({ ...settings, credentials: session }).send(new GetCallerIdentityCommand({}))).toMatchObject({
    ...{ Arn: 'arn:aws:sts::000000000000:assumed-role/producer/order-42', UserId: `${roleId('producer')}:order-42` },
  });

  await sqs.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/self-inbox`, MessageBody: 'm' }));
  const self = JSON.parse((await receive('out'))?.Body ?? '');
  expect(self).toMatchObject({ Arn: 'arn:aws:sts::000000000000:assumed-role/self/self', UserId: `${roleId('self')}:self` });
  expect(await claimsOf(self.WebIdentityToken)).toMatchObject({
    sub: 'arn:aws:iam::000000000000:role/self',
    'https://sts.amazonaws.com/': { lambda_source_function_arn: 'arn:aws:lambda:us-east-1:000000000000:function:self' },
  });
});

test('a role that no template has can be assumed, and its session sends messages', async () => {
  const { cloud, settings, assume, receive } = await start();

  const first = await assume(PRODUCER, 'one');
  const second = await assume(PRODUCER, 'one');

  expect(first.AssumedRoleUser).toEqual({
    ...{ AssumedRoleId: `${roleId('producer')}:one`, Arn: 'arn:aws:sts::000000000000:assumed-role/producer/one' },
  });
  expect(first.expiration.getTime()).toBeGreaterThan(Date.now());
  expect(first.credentials.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(first.credentials.accessKeyId).not.toBe(second.credentials.accessKeyId);
  for (const { credentials: session } of [first, second]) {
    const producer = new SQSClient({ ...settings, credentials: session });
    await producer.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/out`, MessageBody: 'm' }));
    expect((await receive('out'))?.Attributes?.SenderId).toBe(`${roleId('producer')}:one`);
  }
});

test.each([
  ['no ARN', 'producer-with-a-long-name', 'a-session', 'ValidationError'],
  ['a user', 'arn:aws:iam::000000000000:user/producer', 'a-session', 'ValidationError'],
  ['a role of another account', 'arn:aws:iam::111122223333:role/producer', 'a-session', 'AccessDenied'],
  ['a session name with a colon', PRODUCER, 'a:b', 'ValidationError'],
  ['a session name of one character', PRODUCER, 'a', 'ValidationError'],
])('AssumeRole refuses %s', async (_, RoleArn, RoleSessionName, name) => {
  const { sts } = await start();

  await expect(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }))).rejects.toMatchObject({ name });
});

test('an action that is not there is refused by its name', async () => {
  const { sts } = await start();

  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
    ...{ name: 'InvalidAction', message: 'STS has GetCallerIdentity, AssumeRole, GetWebIdentityToken here, and not "GetSessionToken"' },
  });
});

test.each(['RS256', 'ES384'])('a token of %s is verified with the keys that its issuer publishes', async (SigningAlgorithm) => {
  const { cloud, settings, assume, token } = await start();
  const { credentials: session } = await assume(PRODUCER, 'order-42');
  const Tags = [
    { Key: 'job', Value: 'nightly' },
    { Key: 'tier', Value: '<&>' },
  ];

  const issued = await token({ SigningAlgorithm, Tags, DurationSeconds: 60 }, new STSClient({ ...settings, credentials: session }));

  const claims = await claimsOf(issued.token);
  expect(claims).toEqual({
    iss: `${cloud.endpoint}/sts-issuer`,
    sub: PRODUCER,
    aud: 'posthorn',
    iat: expect.any(Number),
    exp: Number(claims.iat) + 60,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'https://sts.amazonaws.com/': {
      aws_account: '000000000000',
      source_region: 'us-east-1',
      principal_id: PRODUCER,
      request_tags: { job: 'nightly', tier: '<&>' },
    },
  });
  expect(issued.expiration?.getTime()).toBe(Number(claims.exp) * 1000);
});

test('the operator’s token names its user; several audiences are a list; five minutes are the default', async () => {
  const { token } = await start();

  const claims = await claimsOf((await token({ Audience: ['a', 'b'] })).token);

  expect(claims).toMatchObject({ sub: 'arn:aws:iam::000000000000:user/local-operator', aud: ['a', 'b'], exp: Number(claims.iat) + 300 });
});

test.each<[string, Partial<GetWebIdentityTokenCommandInput>]>([
  ['no audience', { Audience: [] }],
  ['eleven audiences', { Audience: Array.from({ length: 11 }, String) }],
  ['an empty audience', { Audience: [''] }],
  ['less than a minute', { DurationSeconds: 59 }],
  ['more than an hour', { DurationSeconds: 3_601 }],
  ['another algorithm', { SigningAlgorithm: 'HS256' }],
  ['no algorithm', { SigningAlgorithm: undefined }],
  ['an empty tag', { Tags: [{ Key: '', Value: 'v' }] }],
])('GetWebIdentityToken refuses %s', async (_, input) => {
  const { token } = await start();

  await expect(token(input)).rejects.toMatchObject({ name: 'ValidationError' });
});

test('a forged token is not verified, and other sites do not get the keys', async () => {
  const { cloud, token } = await start();
  const [header = '', , signature = ''] = (await token()).token.split('.');
  const claims = { iss: `${cloud.endpoint}/sts-issuer`, sub: PRODUCER };
  const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;

  await expect(claimsOf(forged)).rejects.toThrow('expected false to be true');
  const foreign = await fetch(`${cloud.endpoint}/sts-issuer/.well-known/jwks.json`, { headers: { origin: 'http://evil.com' } });
  expect(foreign.status).toBe(403);
});

test('with a data directory the keys survive a restart, and a damaged file of them is refused', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
  const keysOf = async (endpoint: string) =>
    jwksSchema.parse(await (await fetch(`${endpoint}/sts-issuer/.well-known/jwks.json`)).json()).keys;
  const before = await start({ dataDirectory });
  const keys = await keysOf(before.cloud.endpoint);
  expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES384']);
  await before.cloud.stop();

  const after = await start({ dataDirectory });
  expect(await keysOf(after.cloud.endpoint)).toEqual(keys);
  await claimsOf((await after.token()).token);
  await after.cloud.stop();

  const file = join(dataDirectory, 'signing-keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('BEGIN', 'END'));
  await expect(checkDataDirectory(dataDirectory)).rejects.toThrow(DataDirectoryDamagedError);
  await expect(start({ dataDirectory })).rejects.toThrow(/signing-keys\.json cannot be read/);
});
