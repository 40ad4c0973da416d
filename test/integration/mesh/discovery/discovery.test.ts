import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { InvalidQueryError, type MeshClient, NotOfferedError } from '../../../../client/index.ts';
import { chooseOffer } from '../../../../events/choose-offer.ts';
import { meshName } from '../../../../events/names.ts';
import { offersTableName } from '../../../../events/offer.ts';
import { event, SOURCE } from '../../../helpers/mesh-fixture.ts';
import { offerOf } from '../../../helpers/offers.ts';
import { until } from '../../../helpers/until.ts';
import { CAPABILITY, startVersions, type VersionsMesh } from './start-versions.ts';

let mesh: VersionsMesh;
let client: MeshClient;

beforeAll(async () => {
  mesh = await startVersions();
  ({ client } = mesh);
});
afterAll(() => mesh?.[Symbol.asyncDispose]());

const offers = () => client.findAgents({ capability: CAPABILITY });
const weights = () => mesh.weights();
const command = (...args: readonly string[]) => mesh.command(...args);

const NEWER = 'sentiment-v2';

/** The agents that journeys go to. */
async function ask(
  count: number,
  data: object = {},
  journeys = Array.from({ length: count }, () => randomUUID()),
): Promise<readonly string[]> {
  const sent = journeys.map((correlationid) => event(data, { correlationid }));
  await mesh.fixture.mesh.send('asking', sent);
  const asked = await mesh.fixture.mesh.outcomesOf(
    'asking',
    SOURCE,
    sent.map(({ id }) => id),
  );
  return asked.map(({ outbox }) => outbox?.[0]?.to ?? 'nobody');
}

test('both versions are found, and the newer one waits for its weight', async () => {
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
  const journeys = Array.from({ length: 40 }, () => randomUUID());
  // What every process chooses that has the new weights. One that has been idle has them from its second message on.
  const chosen = journeys.map(
    (journey) => chooseOffer([offerOf('sentiment-v1', { weight: 50 }), offerOf(NEWER, { weight: 50 })], journey, 0)?.offer.agent,
  );
  expect(new Set(chosen).size).toBe(2);

  let rounds = 0;
  await until('every process uses the weights', async () => {
    rounds = isDeepStrictEqual(await ask(40, {}, journeys), chosen) ? rounds + 1 : 0;
    return rounds === 3;
  });
});

test('an agent that fails is ejected, the other one takes over while messages flow, and none is lost', async () => {
  const journeys: string[] = [];
  await until('v1 is ejected', async () => {
    const some = Array.from({ length: 10 }, () => randomUUID());
    journeys.push(...some);
    await ask(10, { failing: 'sentiment-v1' }, some);
    return (await offers()).some(({ agent, isHealthy }) => agent === 'sentiment-v1' && !isHealthy);
  });
  const [ejected] = await client.findAgents({ capability: CAPABILITY, healthy: false });
  expect(ejected).toMatchObject({ agent: 'sentiment-v1', reason: expect.stringMatching(/^\d+ of \d+ attempts failed$/) });

  await until('everything goes to v2', async () => {
    const some = Array.from({ length: 10 }, () => randomUUID());
    journeys.push(...some);
    return (await ask(10, { failing: 'sentiment-v1' }, some)).every((agent) => agent === NEWER);
  });
  for (const journey of journeys) {
    const ends = await until(`${journey} has ended`, async () => {
      const hops = await Array.fromAsync(client.journey(journey));
      return (
        hops.length === 2 && hops.every(({ outcome }) => outcome !== undefined) && hops.map(({ agent, outcome }) => `${agent} ${outcome}`)
      );
    });
    expect(ends).toContain('asking processed');
    expect(['sentiment-v1 dead-lettered', 'sentiment-v2 processed']).toContain(ends.find((end) => !end.startsWith('asking')));
  }
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

test('an item that an update by hand has left, with a slip in its key, hides nobody', async () => {
  const { endpoint, region } = mesh.fixture.cloud;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  onTestFinished(() => dynamodb.destroy());
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: offersTableName(meshName()),
      Key: { capability: { S: CAPABILITY }, agent: { S: 'sentimnet-v1' } },
      UpdateExpression: 'SET weight = :weight',
      ExpressionAttributeValues: { ':weight': { N: '10' } },
    }),
  );

  expect(await weights()).toEqual({ 'sentiment-v1': 10, 'sentiment-v2': 90 });
  expect(new Set(await ask(10, { version: '>=2.0' }))).toEqual(new Set([NEWER]));
  expect((await command('rollout', CAPABILITY, '--to', NEWER, '--weight', '80')).code).toBe(0);
  expect(await weights()).toEqual({ 'sentiment-v1': 20, 'sentiment-v2': 80 });
});
