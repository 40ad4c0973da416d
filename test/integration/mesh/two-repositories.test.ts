import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MeshClient } from '../../../client/mesh-client.ts';
import { admitOperator } from '../../../client/registry/admit-operator.ts';
import { messageKey } from '../../../events/ledger-record.ts';
import { type RoleRegistration, registrationName } from '../../../events/registration.ts';
import { addMesh, discoverAgents } from '../../../infra/index.ts';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { OPERATOR } from '../../../local/services/identities.ts';
import { until } from '../../helpers/until.ts';

// One repository owns the mesh and has the agent that asks; another joins it and has the agent that answers.

const AGENTS = join(import.meta.dirname, '../../infra/fixtures/agents');
const OWNER = 'repository-a';
const JOINER = 'repository-b';

const resources = new AsyncDisposableStack();
let cloud: EmbeddedCloud;
let mesh: MeshClient;

/** The assembly of a repository that has one of the agents. */
async function synthesize(agentId: string, context: Readonly<Record<string, unknown>>): Promise<string> {
  const outdir = resources.adopt(await mkdtemp(join(tmpdir(), 'posthorn-repository-')), (path) => rm(path, { recursive: true }));
  const app = new App({ outdir, context: { ...context } });
  addMesh(app, { agents: (await discoverAgents(AGENTS)).filter(({ definition }) => definition.id === agentId) });
  app.synth();
  return outdir;
}

beforeAll(async () => {
  cloud = await EmbeddedCloud.start({ port: 0 });
  resources.defer(() => cloud.stop());
  mesh = resources.use(
    new MeshClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  );
});
afterAll(() => resources.disposeAsync());

test('a repository joins the mesh of another: messages go between their agents, and neither deployment touches the other', async () => {
  const owned = await cloud.deploy({ assemblyDirectory: await synthesize('asking', {}), owner: OWNER });
  const joined = await cloud.deploy({ assemblyDirectory: await synthesize('answering', { join: true }), owner: JOINER });

  const asker: RoleRegistration = { id: 'asker', permissions: { answering: ['handle'] }, members: [{ agent: 'asking' }] };
  cloud.putParameter(registrationName({ prefix: 'posthorn', stage: 'dev' }, 'mesh', 'roles', 'asker'), JSON.stringify(asker));
  await admitOperator(cloud, OPERATOR);

  expect(owned.created).toEqual(expect.arrayContaining(['posthorn-dev-ledger', 'posthorn-dev-asking-inbox']));
  expect(joined.created.filter((name) => !name.includes('answering'))).toEqual([]);
  expect(joined).toMatchObject({ updated: [], removed: [] });
  expect(await mesh.agents()).toEqual(['answering', 'asking']);

  const { id, source } = await mesh.send('asking', { question: 'How many?' });
  const answer = await until('the answer', async () => {
    for await (const { envelope } of mesh.replies({ follow: false })) if (envelope?.correlationid === id) return envelope;
    return undefined;
  });
  expect(answer).toMatchObject({ source: '/agents/answering', data: { answer: 42 } });
  expect(await mesh.records([messageKey('asking', source, id)])).toMatchObject([{ outcome: 'processed' }]);

  const ownersBefore = cloud.resources.filter(({ stackName }) => !stackName.includes('answering'));
  const again = await cloud.deploy({ assemblyDirectory: await synthesize('answering', { join: true, logLevel: 'DEBUG' }), owner: JOINER });
  expect(again).toMatchObject({ created: [], updated: ['posthorn-dev-answering'], removed: [] });
  expect(cloud.resources.filter(({ stackName }) => !stackName.includes('answering'))).toEqual(ownersBefore);

  const ownedAgain = await cloud.deploy({ assemblyDirectory: await synthesize('asking', { logLevel: 'DEBUG' }), owner: OWNER });
  expect(ownedAgain).toMatchObject({ created: [], updated: ['posthorn-dev-asking'], removed: [] });
});

test('a mesh that is not there, or has another version of the contract, refuses the repository, by the name of the export', async () => {
  const empty = await EmbeddedCloud.start({ port: 0 });
  resources.defer(() => empty.stop());

  const joining = empty.deploy({ assemblyDirectory: await synthesize('answering', { join: true }), owner: JOINER });

  await expect(joining).rejects.toThrow(/posthorn-dev-contract-2/);
  expect(empty.resources).toEqual([]);
});
