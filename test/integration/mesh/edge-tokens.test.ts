import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EDGE_ID, edgeName, functionName, meshName, PROBE_SERVICE } from '../../../events/names.ts';
import { OWNER_APP, type RegistrationKind, registrationName } from '../../../events/registration.ts';
import { type MeshFixture, startMeshFixture } from '../../helpers/mesh-fixture.ts';
import { beginRegistryOutage, endRegistryOutage } from '../../helpers/registry-outage.ts';
import { edKey } from '../../helpers/token-issuer.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';
import { IdentityProvider } from './trust/identity-provider.ts';

// A mesh whose REST API asks for tokens, through the door that Prometheus and operators use.

const OBSERVER = 'observer';

let fixture: MeshFixture;
let provider: IdentityProvider;
/** It does not answer. */
let silent: IdentityProvider;
/** It is not registered. */
let stranger: IdentityProvider;
let url: string;
let dynamodb: DynamoDBClient;
const lines: string[] = [];
const presented: string[] = [];

beforeAll(async () => {
  provider = await IdentityProvider.start('corporate');
  silent = await IdentityProvider.start('silent');
  stranger = await IdentityProvider.start('stranger');
  silent.switchOff();
  fixture = await startMeshFixture(
    {
      agentsFolder: join(import.meta.dirname, 'signals/agents'),
      edgeAuthentication: 'jwt',
      rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
    },
    (line) => lines.push(line),
  );
  const { endpoint, apis } = fixture.cloud;
  url = apis.find(({ name }) => name === edgeName(meshName()))?.stages[0]?.url ?? 'the mesh has no edge';
  dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  register('issuers', provider.registration([]));
  register('issuers', silent.registration([]));
  grant();
});
afterAll(async () => {
  dynamodb.destroy();
  await fixture[Symbol.asyncDispose]();
  for (const each of [provider, silent, stranger]) await each[Symbol.asyncDispose]();
});

function register<Registration extends { readonly id: string }>(kind: RegistrationKind, registration: Registration): void {
  fixture.cloud.putParameter(registrationName(meshName(), OWNER_APP, kind, registration.id), JSON.stringify(registration));
}

/** Lets `user-1` and the group `sre` read. */
const grant = () =>
  register('roles', {
    id: OBSERVER,
    permissions: { [EDGE_ID]: ['read'] },
    members: [provider, silent].flatMap(({ id: issuer }) => [
      { issuer, subject: 'user-1' },
      { issuer, claim: { name: 'groups', value: 'sre' } },
    ]),
  });

async function ask(token?: string, path = 'metrics', scheme = 'Bearer') {
  if (token !== undefined) presented.push(token);
  const response = await fetch(`${url}${path}`, { headers: token === undefined ? {} : { authorization: `${scheme} ${token}` } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const problem = (status: number, kind: string) => ({
  status,
  type: `urn:posthorn:problem:${kind}`,
  title: expect.any(String),
  detail: expect.any(String),
});
const CHALLENGE = 'Bearer realm="posthorn-dev/mesh-edge"';

const untilStatus = (token: () => string, status: number) => until(`status ${status}`, async () => (await ask(token())).status === status);

// The first: a cold authorizer has no copy of the registry.
test('without the registry nobody is let in and nobody is refused, until it is back', async () => {
  await beginRegistryOutage(dynamodb);

  for (const token of [provider.token(EDGE_ID), provider.token(EDGE_ID, { subject: 'nobody' }), 'a.b.c']) {
    const { status, headers, text } = await ask(token);
    expect([status, headers.get('content-type'), headers.get('retry-after')]).toEqual([503, 'application/problem+json', '30']);
    expect(JSON.parse(text)).toEqual(problem(503, 'undecided'));
  }

  await endRegistryOutage(dynamodb);
  // The registry's service looks every five minutes, and at each change.
  grant();
  await untilStatus(() => provider.token(EDGE_ID), 200);
});

test.each<[string, () => string | undefined, string?]>([
  ['no token', () => undefined],
  ['a token for an agent', () => provider.token('measuring')],
  ['a token of an issuer that the mesh does not know', () => stranger.token(EDGE_ID)],
  ['a token with another signature', () => provider.token(EDGE_ID, { key: edKey('first') })],
  ['a token that has expired', () => provider.token(EDGE_ID, { issued: -600, expires: -60 })],
  ['a token of another form', () => 'token'],
  ['a password', () => 'dXNlcjpwYXNzd29yZA==', 'Basic'],
  ['a signature by IAM', () => 'Credential=mine/20261125/us-east-1/execute-api/aws4_request, Signature=0', 'AWS4-HMAC-SHA256'],
])('a request with %s is a 401 with the challenge and the remedy', async (_, token, scheme) => {
  const { status, headers, text } = await ask(token(), 'metrics', scheme);

  expect([status, headers.get('content-type'), headers.get('www-authenticate')]).toEqual([401, 'application/problem+json', CHALLENGE]);
  expect(JSON.parse(text)).toEqual(problem(401, 'unauthorized'));
  expect(JSON.parse(text).detail).toContain('for the audience posthorn-dev/mesh-edge in the header Authorization: Bearer');
});

test('a valid token of a holder without a rule is a 403', async () => {
  const { status, headers, text } = await ask(provider.token(EDGE_ID, { subject: 'nobody', groups: ['sre2'] }));

  expect([status, headers.get('www-authenticate')]).toEqual([403, `${CHALLENGE}, error="insufficient_scope"`]);
  expect(JSON.parse(text)).toEqual(problem(403, 'forbidden'));
});

test('the holder of a token with a role reads what the mesh has to say, by subject or by claim', async () => {
  const byClaim = () => provider.token(EDGE_ID, { subject: 'user-2', groups: ['sre'] });
  // The outage of the registry before this kept the probe from looking at the agents.
  await until('there is something to say', async () => (await ask(byClaim())).text !== '');

  for (const token of [provider.token(EDGE_ID), byClaim()])
    expect((await ask(token)).text).toContain('# TYPE posthorn_messages_total counter\n');
  expect([(await ask(byClaim(), 'agents')).status, (await ask(byClaim(), 'journeys/none')).status]).toEqual([200, 404]);
  // Nothing else than the routes' own answers.
  expect((await ask(byClaim(), 'elsewhere')).status).toBe(403);
});

test('posthorn token prints a token with which its operator reads', async () => {
  const { code, stdout } = await posthorn(['token', '--audience', EDGE_ID, '--endpoint-url', fixture.cloud.endpoint]);
  const forAgent = await posthorn(['token', '--audience', 'measuring', '--endpoint-url', fixture.cloud.endpoint]);

  expect([code, (await ask(stdout.trim())).status]).toEqual([0, 200]);
  expect((await ask(forAgent.stdout.trim())).status).toBe(401);
});

test('posthorn policy says who may read', async () => {
  const policy = (...args: string[]) => posthorn(['policy', ...args, '--endpoint-url', fixture.cloud.endpoint], { env: { NO_COLOR: '1' } });

  expect((await policy('explain', 'subject:corporate user-1', EDGE_ID)).stdout).toMatch(/^yes - .* may do 'read' at 'mesh-edge'\n/);
  expect((await policy('explain', 'agent:measuring', EDGE_ID)).code).toBe(1);
  expect((await policy('matrix')).stdout).toMatch(/mesh-edge +subject:corporate groups=sre +read +role:observer/);
});

test('an issuer whose keys cannot be fetched lets nobody in', async () => {
  const { status, text } = await ask(silent.token(EDGE_ID));

  expect([status, JSON.parse(text)]).toEqual([503, problem(503, 'undecided')]);
});

test('who loses its role is refused, and let in again when it has it back', async () => {
  const { endpoint } = fixture.cloud;
  const ssm = new SSMClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const token = provider.token(EDGE_ID);
  expect((await ask(token)).status).toBe(200);

  await ssm.send(new DeleteParameterCommand({ Name: registrationName(meshName(), OWNER_APP, 'roles', OBSERVER) }));
  ssm.destroy();
  // A process decides on a copy that is ten seconds old.
  await untilStatus(() => token, 403);
  grant();
  await untilStatus(() => token, 200);
});

// The last: it looks at what all the others have left.
test('no line of a log has anything of a token, and refusals are in the authorizer’s log with their codes', () => {
  const log = lines.join('\n');
  const secrets = presented.flatMap((token) => (token.includes('.') && token.length > 20 ? token.split('.').slice(1) : []));

  expect(secrets.length).toBeGreaterThan(20);
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  for (const code of ['TokenAudienceMismatch', 'TokenExpired', 'Forbidden']) expect(log).toContain(`"code":"${code}"`);
});
