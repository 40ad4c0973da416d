import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailedMessage, FailedQueueKind, MeshClient } from '../../../client/index.ts';
import { messageKey, refusedKey } from '../../../events/ledger-record.ts';
import { roleId } from '../../../local/template/role-id.ts';
import { event } from '../../helpers/mesh-fixture.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';
import { PORTAL, producer, SHOP } from './trust/policy.ts';
import { type Sender, TrustingMesh } from './trust/trusting-mesh.ts';

// Failed messages that are sent again, by those who may and those who may not. A redrive hides what it reads: one test after the other.

const AGENT = 'archive';
const SOURCE = `${SHOP}orders`;

let trusting: TrustingMesh;
let shop: Sender;
let helpdesk: MeshClient;

beforeAll(async () => {
  trusting = await TrustingMesh.start();
  shop = await trusting.as('shop');
  helpdesk = trusting.clientOf(await trusting.as('helpdesk'));
});
afterAll(() => trusting[Symbol.asyncDispose]());

const sessionOf = (role: string): string => `${roleId(role)}:session-1`;

const outcomeOf = (source: string, id: string, generation = 0) => trusting.fixture.mesh.outcomeOf(AGENT, source, id, { generation });

/** Waits for a failed message, and leaves it where it is. */
const failedCopy = (id: string, kind: FailedQueueKind = 'error'): Promise<FailedMessage> =>
  until(`a copy of ${id} in the ${kind} queue`, async () => {
    for await (const message of trusting.client.failed(AGENT, kind)) if (message.id === id) return message;
    return undefined;
  });

/** Puts one message back. */
const redrive = (client: MeshClient, id: string, kind: FailedQueueKind = 'error') =>
  until(`the redrive of ${id}`, async () => {
    for await (const { status, message } of client.redrive(AGENT, kind, { ids: [id] })) if (status === 'redriven') return message;
    return undefined;
  });

/** Sends messages one after the other until one is processed: an agent may refuse on what it read a second ago. */
const untilAllowed = (sender: Sender, source: string) =>
  until('a message that is allowed', async () => {
    const message = event({}, { source });
    const refused = refusedKey(AGENT, await sender.send(AGENT, message));
    const [record] = await until('its outcome', async () => {
      const found = await trusting.client.records([messageKey(AGENT, source, message.id), refused]);
      return found.some(({ outcome }) => outcome !== undefined) && found;
    });
    return record?.outcome === 'processed';
  });

test('a rejected message is redriven by who has the permission, and keeps its sender', async () => {
  const message = event({ breaks: true }, { source: SOURCE });

  await shop.send(AGENT, message, { authorization: 'Bearer abc', colour: 'red' });
  const rejected = await outcomeOf(SOURCE, message.id);
  trusting.control.isBroken = false;
  const copy = await redrive(helpdesk, message.id);
  const redriven = await outcomeOf(SOURCE, message.id, 1);

  expect(rejected).toMatchObject({ outcome: 'rejected', error: { code: 'Unwanted' }, sender: sessionOf('shop') });
  expect(copy.sender).toBeUndefined();
  expect(redriven).toMatchObject({ outcome: 'processed', sender: sessionOf('shop'), result: { name: 'producer:shop' } });
  expect(redriven.access).toEqual({
    principal: 'producer:shop',
    action: 'redrive',
    rule: 'role:support',
    redrivenBy: 'producer:helpdesk',
  });
});

test('a message that SQS moved is redriven as its sender’s', async () => {
  const message = event({}, { source: SOURCE });

  await shop.sendToDeadLetters(AGENT, message);
  const copy = await redrive(helpdesk, message.id, 'dead-letter');
  const redriven = await outcomeOf(SOURCE, message.id);

  expect(copy).toMatchObject({ failure: undefined, sender: sessionOf('shop') });
  expect(redriven).toMatchObject({ outcome: 'processed', generation: 0, sender: sessionOf('shop'), result: { name: 'producer:shop' } });
  expect(redriven.access).toMatchObject({ principal: 'producer:shop', redrivenBy: 'producer:helpdesk' });
});

test.each([
  ['of a sender that nobody knows', 'stranger', 'UnknownSender'],
  ['that its sender could not have sent', 'portal', 'SourceRefused'],
])('a message %s, which SQS moved, is refused whoever redrives it', async (_what, role, code) => {
  const message = event({}, { source: SOURCE });

  await (await trusting.as(role)).sendToDeadLetters(AGENT, message);
  await redrive(helpdesk, message.id, 'dead-letter');
  const copy = await failedCopy(message.id);

  expect(copy.failure).toMatchObject({ outcome: 'rejected', code });
  expect(trusting.control.visits(messageKey(AGENT, SOURCE, message.id))).toBe(0);
});

test('a refused message is the sender’s when it is redriven after the sender was registered', async () => {
  const source = 'https://newcomer.example.com/';
  const newcomer = await trusting.as('newcomer');
  const message = event({}, { source });

  await newcomer.send(AGENT, message);
  const refused = await failedCopy(message.id);
  trusting.register('producers', producer('newcomer', [source]));
  await untilAllowed(newcomer, source);
  await redrive(helpdesk, message.id);
  const redriven = await outcomeOf(source, message.id, 1);

  expect(refused).toMatchObject({ failure: { code: 'UnknownSender', generation: 0 }, sender: sessionOf('newcomer') });
  expect(redriven).toMatchObject({ outcome: 'processed', sender: sessionOf('newcomer'), result: { name: 'producer:newcomer' } });
  expect(redriven.access).toMatchObject({ principal: 'producer:newcomer', redrivenBy: 'producer:helpdesk' });
});

test.each([
  ['helpdesk', 'stranger', 'that SQS moved again after a redrive is still its first sender’s'],
  ['stranger', 'shop', 'of a stranger that states another sender is the stranger’s'],
])('a message from %s that states %s, %s', async (role, stated) => {
  const message = event({}, { source: SOURCE });

  await (await trusting.as(role)).sendToDeadLetters(AGENT, message, { 'posthorn-sender': sessionOf(stated) });
  await redrive(helpdesk, message.id, 'dead-letter');
  const copy = await failedCopy(message.id);

  expect(copy).toMatchObject({ failure: { code: 'UnknownSender' }, sender: sessionOf('stranger') });
});

test.each([
  ['a stranger', 'stranger', 'UnknownSender'],
  ['a registered sender', 'portal', 'SourceRefused'],
])('%s that writes the mesh’s attributes itself gains nothing by a redrive', async (_who, role, code) => {
  const message = event({}, { source: SOURCE });
  const forged = {
    'posthorn-outcome': 'rejected',
    'posthorn-generation': '4',
    'posthorn-sender': sessionOf('shop'),
    'posthorn-eventid': 'another',
  };

  await (await trusting.as(role)).sendToDeadLetters(AGENT, message, forged);
  const put = await redrive(helpdesk, message.id, 'dead-letter');
  const copy = await failedCopy(message.id);

  expect(put).toMatchObject({ failure: undefined, sender: sessionOf(role) });
  expect(copy.failure).toMatchObject({ code, generation: 0 });
  expect(trusting.control.visits(messageKey(AGENT, SOURCE, message.id))).toBe(0);
});

test('a refused message stays a stranger’s, however often it is redriven', async () => {
  const message = event({}, { source: SOURCE });

  await (await trusting.as('stranger')).send(AGENT, message);
  for (let generation = 0; generation < 3; generation++) {
    const refused = await failedCopy(message.id);
    expect(refused).toMatchObject({ failure: { code: 'UnknownSender', generation }, sender: sessionOf('stranger') });
    await redrive(helpdesk, message.id);
  }
});

test('a message that has all the attributes that SQS takes is redriven as its sender’s', async () => {
  const message = event({}, { source: SOURCE });
  const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, nth) => [`attribute-${nth}`, 'x']));

  await (await trusting.as('stranger')).sendToDeadLetters(AGENT, message, attributes);
  // The operator may do everything.
  await redrive(trusting.client, message.id, 'dead-letter');
  const refused = await failedCopy(message.id);

  expect(refused.failure?.code).toBe('UnknownSender');
});

test('a producer without the permission cannot redrive its own message; the operator then can, from the command line', async () => {
  trusting.control.isBroken = true;
  const message = event({ breaks: true }, { source: SOURCE });
  const cli = (...args: string[]) => posthorn([...args, '--endpoint-url', trusting.endpoint, '--json']);

  await shop.send(AGENT, message);
  await outcomeOf(SOURCE, message.id);
  await failedCopy(message.id);
  trusting.control.isBroken = false;
  await redrive(trusting.clientOf(shop), message.id);
  const refused = await failedCopy(message.id);
  const { code, stdout } = await cli('errors', 'redrive', AGENT, '--id', message.id);
  const redriven = await outcomeOf(SOURCE, message.id, 2);

  expect(refused).toMatchObject({ failure: { code: 'Forbidden', generation: 1 }, sender: sessionOf('shop') });
  expect(refused.failure?.reason).toBe(
    "producer:shop may not do 'redrive' at 'archive': no rule allows it: add the action to a role of the sender in the policy",
  );
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ id: message.id, status: 'redriven', generation: 2 })]);
  expect(redriven).toMatchObject({ outcome: 'processed', sender: sessionOf('shop'), result: { name: 'producer:shop' } });
  expect(redriven.access).toEqual({ principal: 'producer:shop', action: 'redrive', rule: 'role:laptop', redrivenBy: 'producer:laptop' });
});

test('a redriven message is on behalf of the user of the original', async () => {
  trusting.control.isBroken = true;
  const message = event({ breaks: true }, { source: `${PORTAL}desk`, authid: 'user-7' });

  await (await trusting.as('portal')).send(AGENT, message);
  await outcomeOf(`${PORTAL}desk`, message.id);
  trusting.control.isBroken = false;
  await redrive(helpdesk, message.id);
  const redriven = await outcomeOf(`${PORTAL}desk`, message.id, 1);

  // The portal was believed when it sent the original.
  expect(redriven.access).toMatchObject({ principal: 'producer:portal', onBehalfOf: 'user-7', redrivenBy: 'producer:helpdesk' });
  expect(redriven.result).toEqual({ name: 'producer:portal', onBehalfOf: 'user-7' });
});
