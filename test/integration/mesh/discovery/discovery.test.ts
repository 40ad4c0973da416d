import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidQueryError, MeshClient, NotOfferedError } from '../../../../client/index.ts';
import { functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, type MeshFixture, SOURCE, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

let fixture: MeshFixture;
let client: MeshClient;

beforeAll(async () => {
  fixture = await startMeshFixture({
    agentsFolder: join(import.meta.dirname, 'agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
  client = new MeshClient({
    endpoint: fixture.cloud.endpoint,
    region: fixture.cloud.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await fixture?.[Symbol.asyncDispose]();
});

const CAPABILITY = 'sentiment-analysis';
const offers = () => client.findAgents({ capability: CAPABILITY });
const weights = async () => Object.fromEntries((await offers()).map(({ agent, weight }) => [agent, weight]));

const command = (...args: readonly string[]) => {
  const { endpoint, region } = fixture.cloud;
  return posthorn([...args, '--endpoint-url', endpoint, '--region', region]);
};

/** The agents that journeys go to. */
async function ask(
  count: number,
  data: object = {},
  journeys = Array.from({ length: count }, () => randomUUID()),
): Promise<readonly string[]> {
  const sent = journeys.map((correlationid) => event(data, { correlationid }));
  await fixture.mesh.send('asking', sent);
  const asked = await fixture.mesh.outcomesOf(
    'asking',
    SOURCE,
    sent.map(({ id }) => id),
  );
  return asked.map(({ outbox }) => outbox?.[0]?.to ?? 'nobody');
}

test('both versions are found, and the newer one waits for its weight', async () => {
  await until('both are registered', async () => (await offers()).length === 2);

  expect(await weights()).toEqual({ 'sentiment-v1': 100, 'sentiment-v2': 0 });
  expect(new Set(await ask(20))).toEqual(new Set(['sentiment-v1']));
  expect((await client.findAgents({ capability: CAPABILITY, version: '>=2.0' })).map(({ agent }) => agent)).toEqual(['sentiment-v2']);
  expect(await client.findAgents({ capability: 'unknown' })).toEqual([]);
});

test('a range of versions chooses among those that match, whatever the weights', async () => {
  expect(new Set(await ask(10, { version: '>=2.0' }))).toEqual(new Set(['sentiment-v2']));
});

test('the probe measures what an agent does', async () => {
  const measured = await until('a measurement', async () => (await offers()).find(({ p95Ms }) => p95Ms !== undefined));

  expect(measured).toMatchObject({ isHealthy: true, errorShare: 0 });
});

test('a weight moves its share of the journeys, and each stays where it is', async () => {
  expect((await client.shift(CAPABILITY, 'sentiment-v2', 50)).map(({ weight }) => weight)).toEqual([50, 50]);
  const journeys = Array.from({ length: 20 }, () => randomUUID());
  // A process uses the offers that it has for ten seconds.
  const shared = await until('every process uses the weight', async () => {
    const [first, second] = [await ask(20, {}, journeys), await ask(20, {}, journeys)];
    return isDeepStrictEqual(first, second) && first.includes('sentiment-v2') && first;
  });

  expect(shared).toContain('sentiment-v1');
  expect(await ask(20, {}, journeys)).toEqual(shared);
});

test('an agent that fails is ejected, and the other one takes over', async () => {
  await until('v1 is ejected', async () => {
    await ask(10, { failing: 'sentiment-v1' });
    return (await offers()).some(({ agent, isHealthy }) => agent === 'sentiment-v1' && !isHealthy);
  });
  const [ejected] = await client.findAgents({ capability: CAPABILITY, healthy: false });
  expect(ejected).toMatchObject({ agent: 'sentiment-v1', reason: expect.stringMatching(/^\d+ of \d+ attempts failed$/) });

  await until('everything goes to v2', async () => (await ask(10)).every((agent) => agent === 'sentiment-v2'));
});

test.each<[object, string]>([
  [{ capability: '' }, "'' is not a capability"],
  [{ version: 'newest' }, "version 'newest' is not a range"],
  [{ limit: 0 }, 'limit is 0'],
])('findAgents refuses %j', async (options, message) => {
  await expect(client.findAgents({ capability: CAPABILITY, ...options })).rejects.toThrow(message);
});

test('a share is refused that is none, or for who does not offer the capability, and nothing changes', async () => {
  const before = await weights();

  await expect(client.shift(CAPABILITY, 'sentiment-v1', 101)).rejects.toThrow(InvalidQueryError);
  await expect(client.shift(CAPABILITY, 'asking', 1)).rejects.toThrow(NotOfferedError);
  expect(await weights()).toEqual(before);
});

test('agents find lists them for people and for programs, and says what there is where nobody matches', async () => {
  const find = (...args: readonly string[]) => command('agents', 'find', ...args);

  const { stdout } = await find(CAPABILITY);
  expect(stdout).toMatch(
    /^AGENT +VERSION +HEALTH +WEIGHT +P95 +WAIT +ERRORS +LAST SEEN( +WHY)?\nsentiment-v2 +2\.0\.0 +healthy +50 .* ago\n/,
  );
  expect(stdout).toMatch(/\nsentiment-v1 +1\.0\.0 +(healthy|ejected) +50 .* ago.*\n$/);
  expect(JSON.parse((await find(`${CAPABILITY}@>=2.0`, '--json')).stdout)).toMatchObject({
    agent: 'sentiment-v2',
    version: '2.0.0',
    weight: 50,
    expectedWaitSeconds: expect.any(Number),
    at: expect.stringMatching(/Z$/),
  });
  expect(await find(`${CAPABILITY}@>=3.0`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Those that offer 'sentiment-analysis': sentiment-v2 (2.0.0), sentiment-v1 (1.0.0)."),
  });
  expect(await find('unknown')).toMatchObject({ code: 1, stderr: expect.stringContaining("no agent offers 'unknown'") });
  expect(await find('Not A Capability')).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a capability') });
  expect(await find(`${CAPABILITY}@newest`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not a range of semantic versions'),
  });
});

test('rollout shifts a share from the terminal', async () => {
  const { stdout } = await command('rollout', CAPABILITY, '--to', 'sentiment-v2', '--weight', '90');

  expect(stdout).toContain('sentiment-v2');
  expect(await weights()).toEqual({ 'sentiment-v1': 10, 'sentiment-v2': 90 });
});
