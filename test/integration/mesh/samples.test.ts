import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Doubles, startDoubles } from '../../../cli/commands/dev/doubles.ts';
import { MeshClient } from '../../../cli/commands/dev/samples/mesh-client.ts';
import { readSamples } from '../../../cli/commands/dev/samples/run-samples.ts';
import { runSample, type SampleRun } from '../../../cli/commands/dev/samples/sample-run.ts';
import { MeshClient as Mesh } from '../../../client/index.ts';
import { meshPrefix } from '../../../events/names.ts';
import { OWNER_APP, registrationName } from '../../../events/registration.ts';
import { samplePolicy } from '../../../infra/policy.ts';
import { roleId } from '../../../local/template/role-id.ts';
import { type MeshFixture, startMeshFixture } from '../../helpers/mesh-fixture.ts';
import { until } from '../../helpers/until.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const SAMPLES = join(PROJECT, 'events/samples');

const AGENTS = join(PROJECT, 'functions/agents');

/** It only ends what hangs: the machine may be busy. */
const PATIENCE_MS = 600_000;

const samples = await readSamples(SAMPLES);
const stack = new AsyncDisposableStack();
let client: MeshClient;
let doubles: Doubles;
/** All at the same time, as `npm start` sends them. */
let runs: ReadonlyMap<string, Promise<SampleRun>>;

/** As the policy's stack does: the fixture has the agents' stacks only. */
async function declarePolicy({ cloud, mesh }: MeshFixture): Promise<void> {
  const name = { prefix: mesh.settings.prefix, stage: mesh.settings.stage };
  const roleOf = (producer: string) => {
    const roleName = `${meshPrefix(name)}-${producer}`;
    return { roleId: roleId(roleName), roleArn: `arn:aws:iam::000000000000:role/${roleName}` };
  };
  const known = { uploader: roleOf('uploader'), analyst: roleOf('analyst'), operator: roleOf('operator') };
  const { producers, roles } = samplePolicy(known);
  for (const role of roles) cloud.putParameter(registrationName(name, OWNER_APP, 'roles', role.id), JSON.stringify(role));
  for (const producer of producers)
    cloud.putParameter(registrationName(name, OWNER_APP, 'producers', producer.id), JSON.stringify(producer));
  await using registry = new Mesh(mesh.settings);
  await until('the registry has the producers', async () =>
    (await registry.accessRecords()).every(({ principals }) =>
      Object.values(known).every(({ roleId: id }) => principals[id] !== undefined),
    ),
  );
}

beforeAll(async () => {
  doubles = stack.use(await startDoubles(PROJECT));
  const variables = Object.assign({}, ...Object.values(doubles.environment));
  const fixture = stack.use(await startMeshFixture({ agentsFolder: AGENTS, variables }));
  await declarePolicy(fixture);
  const { mesh } = fixture;
  client = stack.use(new MeshClient(mesh.settings));
  const replies = new AbortController();
  const collecting = client.collectReplies(replies.signal);
  stack.defer(async () => {
    replies.abort();
    await collecting;
  });
  runs = new Map(
    [...samples].map(([name, sample]) => [
      name,
      runSample(name, sample, SAMPLES, client, doubles.facts, new AbortController().signal, () => undefined, PATIENCE_MS),
    ]),
  );
});
afterAll(() => stack.disposeAsync());

describe("today's code does with every stored sample what the sample declares", () => {
  test.for([...samples.keys()])('%s', async (name) => {
    const run = await runs.get(name);

    expect(run?.differences).toEqual([]);
    expect(run?.observed.hops.length).toBeGreaterThan(0);
  });
});

test('a sample that ends otherwise than it declares is told so', async () => {
  const order = samples.get('order');
  if (order === undefined) throw new Error('the sample order is gone');
  const hasEnded = new AbortController();
  const other = { ...order, expect: { ...order.expect, outcomes: { 'order-processing': { rejected: 1, codes: ['Declined'] } } } };

  const run = await runSample('other', other, SAMPLES, client, doubles.facts, hasEnded.signal, ({ hops }) => {
    if (hops.some(({ outcome }) => outcome !== undefined)) hasEnded.abort();
  });

  expect(run.differences).toEqual(
    expect.arrayContaining([
      'order-processing: processed: expected 0, got 1',
      'order-processing: rejected: expected 1, got 0',
      'order-processing: codes: expected Declined, got none',
    ]),
  );
});
