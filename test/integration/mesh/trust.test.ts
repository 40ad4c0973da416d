import { afterAll, beforeAll, describe, test } from 'vitest';
import { messageKey, refusedKey } from '../../../events/ledger-record.ts';
import { event, newTrace } from '../../helpers/mesh-fixture.ts';
import { until } from '../../helpers/until.ts';
import { PORTAL, producer, SHOP } from './trust/policy.ts';
import { nameIn, type Sender, TrustingMesh } from './trust/trusting-mesh.ts';

// Who may send to whom, as those meet it who send: by SQS alone, each with the credentials of its own role.

const AGENT = 'archive';

let trusting: TrustingMesh;

beforeAll(async () => {
  trusting = await TrustingMesh.start();
});
afterAll(() => trusting[Symbol.asyncDispose]());

const from = (source: string, attributes: Readonly<Record<string, unknown>> = {}) => event({}, { source, ...attributes });

const handled = (source: string, id: string) => trusting.control.visits(messageKey(AGENT, source, id));

/** The code in the ledger, under a key that no envelope has. */
async function refusalOf(sqsMessageId: string): Promise<string | undefined> {
  const [record] = await until('the refusal', async () => {
    const found = await trusting.client.records([refusedKey(AGENT, sqsMessageId)]);
    return found[0]?.outcome !== undefined && found;
  });
  return `${record?.outcome} ${record?.error?.code}`;
}

const rolesOrAgent = (name: string): Promise<Sender> | Sender => (name === 'scanner' ? trusting.asAgent(name) : trusting.as(name));

describe.concurrent('a message that its sender may not send', () => {
  const genuine = { sender: 'shop', source: `${SHOP}orders` };

  test.for([
    ['from a role that nobody has registered', { sender: 'stranger', code: 'UnknownSender' }, genuine],
    ['from a producer without a role in the policy', { sender: 'kiosk', code: 'Forbidden' }, genuine],
    ['with another producer’s source', { sender: 'portal', code: 'SourceRefused' }, genuine],
    ['with an agent’s source', { sender: 'shop', code: 'SourceRefused' }, { sender: 'scanner', source: '/agents/scanner' }],
    ['with a producer’s source, from an agent', { sender: 'scanner', code: 'SourceRefused' }, genuine],
    ['on behalf of a user, without that permission', { sender: 'shop', code: 'OnBehalfRefused', authid: 'user-7' }, genuine],
    ['that asks for an action of another role', { sender: 'shop', code: 'Forbidden', type: 'document.expired' }, genuine],
    ['that claims to be redriven', { sender: 'shop', code: 'Forbidden', generation: 1 }, genuine],
  ] as const)('%s, ends in the error queue, and the genuine message with its id is processed', async ([, forgery, real], { expect }) => {
    const { sender, code, ...changes } = forgery;
    const message = from(real.source);

    const sqsId = await (await rolesOrAgent(sender)).send(AGENT, { ...message, ...changes });
    const [copy] = await trusting.errorCopies(AGENT, message.id);
    const handledBefore = handled(real.source, message.id);
    const recordedBefore = await trusting.client.records([messageKey(AGENT, real.source, message.id)]);
    await (await rolesOrAgent(real.sender)).send(AGENT, message);
    const record = await trusting.fixture.mesh.outcomeOf(AGENT, real.source, message.id);

    expect(copy?.attributes).toMatchObject({ 'posthorn-code': code, 'posthorn-outcome': 'rejected', 'posthorn-agent': AGENT });
    expect(await refusalOf(sqsId)).toBe(`rejected ${code}`);
    expect([handledBefore, recordedBefore]).toEqual([0, []]);
    expect(record).toMatchObject({ outcome: 'processed', generation: 0 });
    expect(record.result).toEqual({ name: real.sender === 'scanner' ? 'agent:scanner' : 'producer:shop' });
    expect(handled(real.source, message.id)).toBe(1);
  });

  test('that states another sender, as an operator’s does, ends in the error queue', async ({ expect }) => {
    const shop = await trusting.as('shop');
    const message = from(`${SHOP}orders`);

    await shop.send(AGENT, message, { 'posthorn-sender': 'AIDALOCALOPERATOR0000' });
    const [copy] = await trusting.errorCopies(AGENT, message.id);
    const handledBefore = handled(`${SHOP}orders`, message.id);
    await shop.send(AGENT, message);
    const record = await trusting.fixture.mesh.outcomeOf(AGENT, `${SHOP}orders`, message.id);

    expect(copy?.attributes).toMatchObject({ 'posthorn-code': 'Forbidden', 'posthorn-sender': expect.stringMatching(/:session-1$/) });
    expect(copy?.attributes['posthorn-sender']).not.toContain('AIDALOCALOPERATOR0000');
    expect(handledBefore).toBe(0);
    expect(record).toMatchObject({ outcome: 'processed', result: { name: 'producer:shop' } });
  });

  test('is believed to be on behalf of a user, from a producer with that permission', async ({ expect }) => {
    const message = from(`${PORTAL}desk`, { authid: 'user-7' });

    await (await trusting.as('portal')).send(AGENT, message);
    const record = await trusting.fixture.mesh.outcomeOf(AGENT, `${PORTAL}desk`, message.id);

    expect(record).toMatchObject({ outcome: 'processed', result: { name: 'producer:portal', onBehalfOf: 'user-7' } });
    expect(record.access).toEqual({ principal: 'producer:portal', action: 'handle', rule: 'role:customer', onBehalfOf: 'user-7' });
  });
});

describe.concurrent('a genuine message, copied by a stranger', () => {
  const source = `${SHOP}orders`;

  test.for([
    ['before', ['stranger', 'shop']],
    ['beside', ['stranger', 'shop', 'stranger', 'stranger']],
    ['after', ['shop', 'stranger']],
  ] as const)('%s it, is processed once, and no copy counts', async ([when, order], { expect }) => {
    const message = from(source);
    const copies = order.filter((name) => name === 'stranger').length;
    const isDecided = (name: string) =>
      name === 'shop' ? trusting.fixture.mesh.outcomeOf(AGENT, source, message.id) : trusting.errorCopies(AGENT, message.id);

    const senders = await Promise.all(order.map((name) => trusting.as(name)));
    const sqsIds: string[] = [];
    for (const [index, sender] of senders.entries()) {
      sqsIds.push(await sender.send(AGENT, message));
      if (when !== 'beside') await isDecided(order[index] ?? '');
    }
    const record = await trusting.fixture.mesh.outcomeOf(AGENT, source, message.id);
    const refused = await trusting.errorCopies(AGENT, message.id, copies);
    await trusting.fixture.acknowledged(sqsIds);

    expect(record).toMatchObject({ outcome: 'processed', attempts: [], result: { name: 'producer:shop' } });
    expect(await trusting.client.records([messageKey(AGENT, source, message.id)])).toEqual([record]);
    expect(refused.map(({ attributes }) => attributes['posthorn-code'])).toEqual(Array(copies).fill('UnknownSender'));
    expect(handled(source, message.id)).toBe(1);
  });

  test('with other data before it, is no conflict', async ({ expect }) => {
    const message = from(source);

    await (await trusting.as('stranger')).send(AGENT, { ...message, data: { forwards: true } });
    await trusting.errorCopies(AGENT, message.id);
    await (await trusting.as('shop')).send(AGENT, message);

    expect(await trusting.fixture.mesh.outcomeOf(AGENT, source, message.id)).toMatchObject({ outcome: 'processed' });
  });
});

describe('a policy that changes while the agents run', () => {
  /** Sends messages one after the other until one ends as awaited. */
  const untilOne = (sender: Sender, source: string, ends: 'processed' | 'refused') =>
    until(`a message that is ${ends}`, async () => {
      const message = from(source);
      const sqsId = await sender.send(AGENT, message);
      const keys = [messageKey(AGENT, source, message.id), refusedKey(AGENT, sqsId)];
      const [record] = await until('its outcome', async () => {
        const found = await trusting.client.records(keys);
        return found[0]?.outcome !== undefined && found;
      });
      return (record?.outcome === 'processed') === (ends === 'processed') && record;
    });

  test('takes in a new producer, and refuses one that was removed, without a deployment', async ({ expect }) => {
    const source = 'https://newcomer.example.com/';
    const newcomer = await trusting.as('newcomer');

    const before = await untilOne(newcomer, source, 'refused');
    trusting.register('producers', producer('newcomer', [source]));
    const during = await untilOne(newcomer, source, 'processed');
    await trusting.unregister('producers', 'newcomer');
    const after = await untilOne(newcomer, source, 'refused');

    expect([before.error?.code, during.error, after.error?.code]).toEqual(['UnknownSender', undefined, 'UnknownSender']);
    expect(during.access).toEqual({ principal: 'producer:newcomer', action: 'handle', rule: 'role:customer' });
  });

  test('ignores a parameter that is not valid, and keeps the others', async ({ expect }) => {
    trusting.fixture.cloud.putParameter('/posthorn/dev/mesh/producers/broken', '{"id":"broken"');
    trusting.register('producers', producer('applicant', ['https://applicant.example.com/']));
    await trusting.untilAccess(AGENT, ({ principals }) => nameIn(principals, 'producer:applicant'));

    const access = await trusting.client.access(AGENT);

    expect(nameIn(access?.principals ?? {}, 'producer:shop')).toBe(true);
    expect(nameIn(access?.principals ?? {}, 'producer:broken')).toBe(false);
  });
});

describe('an agent that sends to another', () => {
  const forwarded = async (agent: string) => {
    const { correlationid, traceparent } = newTrace();
    const source = `${SHOP}orders`;
    const message = event({ forwards: true }, { source, correlationid, traceparent });
    await (await trusting.as('shop')).send(agent, message);
    await trusting.fixture.mesh.outcomeOf(agent, source, message.id);
    const hops = await until('the second hop', async () => {
      const found = await Array.fromAsync(trusting.client.journey(correlationid));
      return found.filter(({ outcome }) => outcome !== undefined).length === 2 && found;
    });
    return hops.find((hop) => hop.agent === AGENT);
  };

  test('may do so by `sendsTo` inside one app, any action', async ({ expect }) => {
    const hop = await forwarded('scanner');
    const [record] = await trusting.client.records([hop?.messageKey ?? '']);

    expect(record?.access).toEqual({ principal: 'agent:scanner', action: 'purge', rule: 'sendsTo' });
    expect(record).toMatchObject({ outcome: 'processed', result: { name: 'agent:scanner' } });
  });

  test('may not if it is another app’s, until a role allows it', async ({ expect }) => {
    const registration = JSON.parse(await trusting.unregister('agents', 'outsider'));
    trusting.register('agents', registration, 'shipping');
    const grants = ({ principals }: NonNullable<Awaited<ReturnType<typeof trusting.client.access>>>) =>
      Object.values(principals).find(({ name }) => name === 'agent:outsider')?.grants;
    await trusting.untilAccess(AGENT, (access) => JSON.stringify(grants(access)) === '{}');
    // The agents' processes may use what they read for ten seconds: a refusal is decided on what the registry has now.
    const refused = await until('a refused hop', async () => {
      const hop = await forwarded('outsider');
      return hop?.outcome === 'rejected' && hop;
    });

    trusting.register('roles', { id: 'purger', permissions: { archive: ['purge'] }, members: [{ agent: 'outsider' }] });
    await trusting.untilAccess(AGENT, (access) => grants(access)?.purge === 'role:purger');
    const allowed = await until('an allowed hop', async () => {
      const hop = await forwarded('outsider');
      return hop?.outcome === 'processed' && hop;
    });

    expect(refused.error?.code).toBe('Forbidden');
    expect(refused.messageKey).toMatch(/^refused:archive /);
    expect(allowed.messageKey).toMatch(/^archive \/agents\/outsider /);
  });
});
