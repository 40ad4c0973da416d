import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentCard as A2aCard } from '@a2a-js/sdk';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { MeshClient, NoCardError, UnknownAgentError } from '../../../../client/index.ts';
import { admitOperator } from '../../../../client/registry/admit-operator.ts';
import { edgeName, functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { agentRegistrationSchema, registrationName } from '../../../../events/registration.ts';
import type { AgentDefinition } from '../../../../functions/runtime/agent/agent.ts';
import { addMesh, discoverAgents } from '../../../../infra/index.ts';
import { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import { OPERATOR } from '../../../../local/services/identities.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

// One repository owns the mesh and has one version of an agent; another joins it and has the next.

const OWNER = 'repository-a';
const JOINER = 'repository-b';
const CAPABILITY = 'sentiment-analysis';

/** What an author may write. */
const TEXT = 'Bewertet 📯 {{resolve:ssm:x}} \u001b[2J\u202e und "mehr"';

const sources = await discoverAgents(join(import.meta.dirname, 'agents'));
const resources = new AsyncDisposableStack();
let cloud: EmbeddedCloud;
let mesh: MeshClient;
let ssm: SSMClient;
let url = '';

type Changes = Readonly<Record<string, Partial<AgentDefinition>>>;

/** Deploys a repository that has these agents, each with what has changed in its definition. */
async function deploy(owner: string, agents: Changes, context: Readonly<Record<string, unknown>> = {}) {
  const outdir = resources.adopt(await mkdtemp(join(tmpdir(), 'posthorn-agents-')), (path) => rm(path, { recursive: true }));
  const app = new App({ outdir, context: { ...context } });
  addMesh(app, {
    agents: sources.flatMap(({ definition, folder }) => {
      const changes = agents[definition.id];
      return changes === undefined ? [] : [{ folder, definition: { ...definition, ...changes } }];
    }),
  });
  app.synth();
  return cloud.deploy({ assemblyDirectory: outdir, owner });
}

beforeAll(async () => {
  cloud = await EmbeddedCloud.start({ port: 0, rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 } });
  resources.defer(() => cloud.stop());
  const options = { endpoint: cloud.endpoint, region: cloud.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  mesh = resources.use(new MeshClient(options));
  ssm = resources.adopt(new SSMClient(options), (client) => client.destroy());
  await deploy(OWNER, { asking: {}, 'sentiment-v1': {} });
  await deploy(JOINER, { 'sentiment-v2': { description: TEXT } }, { join: true, appName: 'shipping' });
  await admitOperator(cloud, OPERATOR);
  url = cloud.apis.find(({ name }) => name === edgeName(meshName()))?.stages[0]?.url ?? 'the mesh has no edge';
});
afterAll(() => resources.disposeAsync());

const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(`${url}${path}`, init)).status;

const agents = (...args: readonly string[]) => posthorn(['agents', ...args, '--endpoint-url', cloud.endpoint, '--region', cloud.region]);
const linesOf = (stdout: string): readonly unknown[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const pageSchema = z.object({ agents: z.array(z.object({ id: z.string(), version: z.string() })), next: z.string().optional() });
const page = async (query = '') => {
  const { agents: found, next } = pageSchema.parse(await get(`agents${query}`));
  return [...found.map(({ id, version }) => `${id} ${version}`), ...(next === undefined ? [] : [next])];
};

/** An agent by each of the ways to look at it. */
async function everywhere(id: string): Promise<Readonly<Record<string, unknown>>> {
  const versions = z.array(z.object({ agent: z.string(), version: z.string() }));
  const inList = (stdout: string) => versions.parse(linesOf(stdout)).find(({ agent }) => agent === id)?.version;
  const only = z.looseObject({ version: z.string() });
  const versionOf = (text: string) => (text === '' ? undefined : only.parse(JSON.parse(text)).version);
  const overHttp = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return response.ok ? versionOf(await response.text()) : response.status;
  };
  const listed = async (path: string) => (await page(path)).find((each) => each.startsWith(`${id} `))?.split(' ')[1];
  return {
    ls: inList((await agents('ls', '--json')).stdout),
    find: inList((await agents('find', CAPABILITY, '--json')).stdout),
    show: versionOf((await agents('show', id, '--json')).stdout),
    card: versionOf((await agents('card', id, '--json')).stdout),
    'GET /agents': await listed(''),
    'GET /agents?capability': await listed(`?capability=${CAPABILITY}`),
    'GET /agents/{id}': await overHttp(`agents/${id}`),
    'GET /agents/{id}/card': await overHttp(`agents/${id}/card`),
  };
}

const all = (version: string | undefined, missing: unknown = version) => ({
  ...{ ls: version, find: version, show: version, card: version, 'GET /agents': version, 'GET /agents?capability': version },
  ...{ 'GET /agents/{id}': missing, 'GET /agents/{id}/card': missing },
});

test('agents of two repositories are listed, shown and found, from the terminal and over HTTP', async () => {
  await until('the probe has seen all', async () => (await mesh.listAgents()).every(({ at }) => at !== undefined));

  expect(await everywhere('sentiment-v1')).toEqual(all('1.0.0'));
  expect(await everywhere('sentiment-v2')).toEqual(all('2.0.0'));
  expect(await get(`agents?capability=${CAPABILITY}`)).toEqual({
    agents: [
      { id: 'sentiment-v1', version: '1.0.0', weight: 100, isHealthy: true },
      { id: 'sentiment-v2', version: '2.0.0', weight: 0, isHealthy: true },
    ],
  });
  expect(await page(`?capability=${CAPABILITY}&version=%3E%3D2.0&maxLatencyMs=100&healthy=true`)).toEqual(['sentiment-v2 2.0.0']);
  expect(await page('?limit=2')).toEqual(['asking 1.0.0', 'sentiment-v1 1.0.0', 'sentiment-v1']);
  expect(await page('?limit=2&after=sentiment-v1')).toEqual(['sentiment-v2 2.0.0']);

  const ls = (await agents('ls')).stdout;
  expect(ls).toMatch(/^AGENT +VERSION +HEALTH +P95 +WAIT +LAST SEEN +CAPABILITIES\nasking +1\.0\.0 +healthy .*\nsentiment-v1 /);
  expect(ls).toMatch(/\nsentiment-v2 +2\.0\.0 +healthy +- +0 ms +.* ago +sentiment-analysis \(weight 0\)\n$/);
});

test('an agent of another app is shown with all that it declares, and its texts control no terminal', async () => {
  const { stdout } = await agents('show', 'sentiment-v2');

  expect(stdout).toMatch(
    /^sentiment-v2 2\.0\.0, deployed by the app 'shipping'\n {2}Bewertet 📯 \{\{resolve:ssm:x\}\} \ufffd\[2J\ufffd und "mehr"\n/,
  );
  for (const line of ['  inbox           0 waiting, 0 in flight', '  authentication  iam', '  sends to        none'])
    expect(stdout.split('\n')).toContain(line);
  expect(stdout).toContain('  sentiment-analysis, weight 0\n    Sentiment: Says which version it is.\n');

  const [details] = linesOf((await agents('show', 'sentiment-v2', '--json')).stdout);
  const { id, ...overHttp } = z.looseObject({ id: z.string() }).parse(await get('agents/sentiment-v2'));
  expect([{ ...overHttp, agent: id, at: expect.anything() }]).toEqual([{ ...Object(details), at: expect.anything() }]);
  expect(details).toMatchObject({ app: 'shipping', description: TEXT, isPaused: false, calls: [] });
  expect(await mesh.describeAgent('asking')).toMatchObject({
    app: 'mesh',
    calls: [CAPABILITY],
    capabilities: [{ id: 'asking', weight: 100 }],
  });
});

test('the card is one that A2A reads, with the inbox of the agent, the same on every way', async () => {
  const card = await mesh.agentCard('sentiment-v2');

  expect(A2aCard.fromJSON(card)).toMatchObject({
    ...{ name: 'sentiment-v2', description: TEXT, version: '2.0.0' },
    supportedInterfaces: [{ url: await mesh.queueOf('sentiment-v2', 'inbox'), protocolBinding: 'urn:posthorn:binding:sqs:v1' }],
    skills: [{ id: CAPABILITY, name: 'Sentiment', description: 'Says which version it is.' }],
  });
  expect(linesOf((await agents('card', 'sentiment-v2', '--json')).stdout)).toEqual([card]);
  const { stdout } = await agents('card', 'sentiment-v2');
  expect([JSON.parse(stdout), stdout.split('\n')[1]]).toEqual([card, '  "name": "sentiment-v2",']);
  for (const control of ['\u001b', '\u202e']) expect(stdout).not.toContain(control);

  const response = await fetch(`${url}agents/sentiment-v2/card`);
  expect(await response.json()).toEqual(card);
  expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
    'application/json',
    'private, max-age=60',
  ]);
  const tag = response.headers.get('etag') ?? '';
  expect(await statusOf('agents/sentiment-v2/card', { headers: { 'if-none-match': `W/${tag}` } })).toBe(304);
  expect(await statusOf('agents/sentiment-v2/card', { method: 'HEAD' })).toBe(200);
  expect(await statusOf('agents/sentiment-v2/card', { method: 'PUT', body: '{}' })).toBe(405);
});

test.each([
  ['agents?capability=sentiment-analysis&capability=asking', 400],
  ['agents?capability=sentiment-analysis&version=newest', 400],
  ['agents?capability=sentiment-analysis&version=%3E%3D1+%3C3', 200],
  ['agents?capability=%F0%9F%93%AF', 400],
  ['agents?maxLatencyMs=', 400],
  ['agents?sort=weight', 400],
  ['agents?healthy=TRUE', 400],
  ['agents/sentiment-v2%2Fcard', 400],
  ['agents/sentiment-v2/card/', 200],
  ['agents/sentiment-v2/cards', 404],
  ['agents/nobody', 404],
  ['agents/nobody/card', 404],
])('GET /%s is answered with %i', async (path, status) => {
  const response = await fetch(`${url}${path}`);

  expect([response.status, response.headers.get('content-type')]).toEqual([
    status,
    status === 200 ? 'application/json' : 'application/problem+json',
  ]);
});

test('an agent that is not there is refused with the near ones', async () => {
  for (const command of ['show', 'card']) {
    expect(await agents(command, 'sentimentv2')).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(
        /no agent 'sentimentv2' at .*\nDid you mean 'sentiment-v2'\? Its agents: asking, sentiment-v1, sentiment-v2\./,
      ),
    });
  }
  for (const odd of ['', 'Not An Id', 'x'.repeat(5_000), '__proto__', 'a\u001b[2J'])
    await expect(mesh.describeAgent(odd)).rejects.toThrow(UnknownAgentError);
  expect((await agents('show', 'a\u001b[2J')).stderr).toContain("no agent 'a\ufffd[2J'");
  expect(await agents('ls', '--stage', 'other')).toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: expect.stringMatching(
      /there is no table 'posthorn-other-(registry|metrics)' at .*\nDeploy the stacks of this version, or check --stage/,
    ),
  });
});

test('a paused agent is shown as paused at once', async () => {
  await mesh.pause('sentiment-v2');
  expect((await agents('show', 'sentiment-v2')).stdout).toMatch(
    /\n {2}health +paused\n(.*\n)* {2}npx posthorn resume sentiment-v2 --endpoint-url /,
  );
  await mesh.resume('sentiment-v2');
});

describe('a registration', () => {
  const parameter = registrationName(meshName(), 'shipping', 'agents', 'sentiment-v2');
  const registered = async () => {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter }));
    return agentRegistrationSchema.parse(JSON.parse(Parameter?.Value ?? ''));
  };

  test.each<[string, unknown]>([
    ['of an older deployment, without a card,', undefined],
    ['with a card that cannot be read', { endpoint: 'https://agent.example.com', description: 7 }],
    [
      'with an endpoint of a kind that a later version knows',
      { endpoint: { kind: 'a2a', url: 'https://a.example.com' }, description: 'x', capabilities: [] },
    ],
  ])('%s is that of an agent all the same', async (_, card) => {
    const before = await registered();
    cloud.putParameter(parameter, JSON.stringify({ ...before, card }));
    await until('the card is gone', async () => (await statusOf('agents/sentiment-v2/card')) === 404);

    expect(await everywhere('sentiment-v2')).toEqual({ ...all('2.0.0'), card: undefined, 'GET /agents/{id}/card': 404 });
    await expect(mesh.agentCard('sentiment-v2')).rejects.toThrow(NoCardError);
    expect(await agents('card', 'sentiment-v2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Deploy its stack with this version'),
    });
    cloud.putParameter(parameter, JSON.stringify(before));
    await until('the card is back', async () => (await statusOf('agents/sentiment-v2/card')) === 200);
  });
});

test('a new version of an agent shows after its deployment', async () => {
  const [capability] = sources.flatMap(({ definition }) => (definition.id === 'sentiment-v1' ? definition.capabilities : []));
  const changes = {
    version: '1.1.0',
    description: 'Says more.',
    ...(capability && { capabilities: [{ ...capability, examples: ['Well?'] }] }),
  };
  await deploy(OWNER, { asking: {}, 'sentiment-v1': changes });
  await until('the registry has it', async () => (await page()).includes('sentiment-v1 1.1.0'));

  expect(await everywhere('sentiment-v1')).toEqual(all('1.1.0'));
  expect(await mesh.agentCard('sentiment-v1')).toMatchObject({ description: 'Says more.', skills: [{ examples: ['Well?'] }] });
});

test('a deployment that takes the version back shows it everywhere, and leaves the weight as it is', async () => {
  await mesh.shift(CAPABILITY, 'sentiment-v1', 70);
  await deploy(OWNER, { asking: {}, 'sentiment-v1': {} });
  await until('the registry has it', async () => (await page()).includes('sentiment-v1 1.0.0'));

  expect(await everywhere('sentiment-v1')).toEqual(all('1.0.0'));
  expect(await mesh.findAgents({ capability: CAPABILITY })).toMatchObject([
    { agent: 'sentiment-v1', version: '1.0.0', weight: 70 },
    { agent: 'sentiment-v2', weight: 30 },
  ]);
});

test('an agent that is removed is gone from all of them, and a page that began after it goes on', async () => {
  await deploy(OWNER, { asking: {} });
  await until('the registry has removed it', async () => (await statusOf('agents/sentiment-v1')) === 404);

  expect(await everywhere('sentiment-v1')).toEqual(all(undefined, 404));
  expect(await page('?limit=1&after=sentiment-v1')).toEqual(['sentiment-v2 2.0.0']);
  expect(await page(`?capability=${CAPABILITY}&after=sentiment-v1`)).toEqual(['sentiment-v2 2.0.0']);
  await expect(mesh.agentCard('sentiment-v1')).rejects.toThrow(UnknownAgentError);
});
