import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageKey, refusedKey } from '../../../events/ledger-record.ts';
import { deadLetterQueueName, errorQueueName, inboxName, meshName } from '../../../events/names.ts';
import { event } from '../../helpers/mesh-fixture.ts';
import { beginRegistryOutage, endRegistryOutage } from '../../helpers/registry-outage.ts';
import { until } from '../../helpers/until.ts';
import { POLICY, SHOP } from './trust/policy.ts';
import { type Sender, TrustingMesh } from './trust/trusting-mesh.ts';

// The registry is gone, or knows an agent no more: the messages wait.

const SOURCE = `${SHOP}orders`;

let trusting: TrustingMesh;
let shop: Sender;

beforeAll(async () => {
  trusting = await TrustingMesh.start();
  shop = await trusting.as('shop');
});
afterAll(() => trusting[Symbol.asyncDispose]());

const outcomeOf = (agent: string, id: string) => trusting.fixture.mesh.outcomeOf(agent, SOURCE, id);

/** Whether SQS keeps the message, once an invocation has received it. */
const isGivenBack = async (sqsId: string): Promise<boolean> => {
  const first = await until('the message is received', () =>
    trusting.fixture.invocations.find(({ messageIds }) => messageIds.includes(sqsId)),
  );
  return first.failedMessageIds.includes(sqsId);
};

const send = async (sender: Sender, agent: string, count = 1) => {
  const events = Array.from({ length: count }, () => event({}, { source: SOURCE }));
  const sqsIds = await Promise.all(events.map((each) => sender.send(agent, each)));
  return { ids: events.map(({ id }) => id), sqsIds };
};

/** In each of an agent's queues. */
const depths = (agent: string) =>
  Promise.all([inboxName, errorQueueName, deadLetterQueueName].map((name) => trusting.fixture.mesh.depth(name(meshName(), agent))));

test('messages to an agent whose registration is gone wait, and continue when it is back', async () => {
  const registration = JSON.parse(await trusting.unregister('agents', 'sleeper'));
  await until('the agent is gone', async () => (await trusting.client.access('sleeper')) === undefined);

  const { ids, sqsIds } = await send(shop, 'sleeper', 3);
  expect(await Promise.all(sqsIds.map(isGivenBack))).toEqual([true, true, true]);
  const waiting = {
    depths: await depths('sleeper'),
    records: await trusting.client.records(ids.map((id) => messageKey('sleeper', SOURCE, id))),
  };
  trusting.register('agents', registration);
  const records = await Promise.all(ids.map((id) => outcomeOf('sleeper', id)));

  expect(waiting).toEqual({ depths: [3, 0, 0], records: [] });
  expect(records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual(ids.map(() => ['processed', []]));
  expect(ids.map((id) => trusting.control.visits(messageKey('sleeper', SOURCE, id)))).toEqual([1, 1, 1]);
});

test('without the registry’s table a warm process goes on, a cold one waits, nobody is let in, and nothing is lost', async () => {
  const { endpoint } = trusting;
  const dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const stranger = await trusting.as('stranger');
  const warmUp = await send(shop, 'archive');
  await outcomeOf('archive', warmUp.ids[0] ?? '');

  await beginRegistryOutage(dynamodb);
  // One after the other, so that no second process starts, which would have to read the registry.
  const warm: string[] = [];
  for (let nth = 0; nth < 3; nth++) {
    const { ids, sqsIds } = await send(shop, 'archive');
    await outcomeOf('archive', ids[0] ?? '');
    await trusting.fixture.acknowledged(sqsIds);
    warm.push(...ids);
  }
  const cold = await send(shop, 'scanner', 3);
  expect(await Promise.all(cold.sqsIds.map(isGivenBack))).toEqual([true, true, true]);
  // A refusal may rest on what was read a second ago.
  const strange = await until('a message that cannot be refused', async () => {
    const sent = await send(stranger, 'archive');
    return (await isGivenBack(sent.sqsIds[0] ?? '')) && sent;
  });
  const [coldDepths, [waiting]] = await Promise.all([depths('scanner'), depths('archive')]);
  const keys = [refusedKey('archive', strange.sqsIds[0] ?? ''), messageKey('archive', SOURCE, strange.ids[0] ?? '')];
  const undecided = await trusting.client.records(keys);

  await endRegistryOutage(dynamodb);
  dynamodb.destroy();
  // The registry's service looks every five minutes, and at each change.
  for (const role of POLICY.roles) trusting.register('roles', role);
  const records = await Promise.all(cold.ids.map((id) => outcomeOf('scanner', id)));
  const [copy] = await trusting.errorCopies('archive', strange.ids[0] ?? '');

  expect(coldDepths).toEqual([3, 0, 0]);
  expect([waiting, undecided]).toEqual([1, []]);
  expect(records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual(cold.ids.map(() => ['processed', []]));
  expect([...warm, ...strange.ids].map((id) => trusting.control.visits(messageKey('archive', SOURCE, id)))).toEqual([1, 1, 1, 0]);
  expect(cold.ids.map((id) => trusting.control.visits(messageKey('scanner', SOURCE, id)))).toEqual([1, 1, 1]);
  expect(copy?.attributes['posthorn-code']).toBe('UnknownSender');
});
