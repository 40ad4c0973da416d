import { describe, expect, test } from 'vitest';
import type { AccessRecord, Principal } from '../../../../events/access-record.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { KEYS, TokenWorld } from '../../../helpers/token-issuer.ts';
import { auditOf, ERROR_QUEUE_URL, recordOf, startProcess, type TestingOptions } from './testing-agent.ts';

const WEB = 'AROAWEB:session';
const OTHER = 'AROAOTHER:session';

const principal = (name: string, rest: Partial<Principal> = {}): Principal => ({
  name,
  sources: ['/tests'],
  onBehalfOf: false,
  grants: {},
  ...rest,
});

const ISSUER = { id: 'idp', issuer: 'https://idp.test', keys: { jwksUri: 'https://idp.test/keys.json' } };

const access: AccessRecord = {
  agent: 'testing',
  needsToken: true,
  actions: {},
  principals: {
    AROAWEB: principal('producer:web'),
    AROAOTHER: principal('producer:other'),
    AROAAGENT: principal('agent:sending', { sources: ['/agents/sending'], arn: 'arn:aws:iam::1:role/sending', grants: { '*': 'sendsTo' } }),
  },
  tokenHolders: [
    { ...principal('subject:idp ada', { sources: [], grants: { handle: 'role:customer' } }), issuer: 'idp', subject: 'ada' },
    {
      ...principal('subject:idp groups=managers', { sources: [], grants: { handle: 'role:manager', approve: 'role:manager' } }),
      issuer: 'idp',
      claim: { name: 'groups', value: 'managers' },
    },
  ],
  issuers: [
    { ...ISSUER, senders: ['producer:web'] },
    { id: 'aws', issuer: 'https://sts.test', keys: { jwksUri: 'https://idp.test/keys.json' }, senders: 'subject' },
  ],
};

function startWithTokens(options: TestingOptions = {}) {
  const ports = new MemoryPorts();
  const world = new TokenWorld();
  let isDown = false;
  ports.fetch = async () => {
    if (isDown) throw new Error('no answer');
    return Response.json({ keys: world.published.map(({ jwk }) => jwk) });
  };
  ports.accessRecords.set('testing', access);
  const handled: string[] = [];
  const handle = async ({ id }: { readonly id: string }) => void handled.push(id);
  const deliver = startProcess(ports, { handle, ...options }, 'jwt');
  const sign = (claims: Readonly<Record<string, unknown>> = {}) => world.sign({ aud: 'posthorn-test/testing', sub: 'ada', ...claims });
  const setDown = (down: boolean) => {
    isDown = down;
  };
  return { ports, world, handled, deliver, sign, setDown };
}

const attribute = (stringValue: string) => ({
  authorization: { stringValue, dataType: 'String' as const, stringListValues: [], binaryListValues: [] },
});

const message = (id: string, token: string | undefined, senderId = WEB, options: Parameters<typeof createMessage>[2] = {}) =>
  createMessage(id, undefined, { senderId, ...(token !== undefined && { messageAttributes: attribute(token) }), ...options });

describe('where a stage asks for tokens, a message', () => {
  test('of a subject with a role is handled, and the record names the subject', async () => {
    const { ports, deliver, sign } = startWithTokens();

    await deliver(message('m-1', sign()), message('m-2', `Bearer ${sign()}`));

    const decision = { principal: 'subject:idp ada', action: 'handle', rule: 'role:customer' };
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', sender: WEB, access: decision });
    expect(recordOf(ports, 'm-2')).toMatchObject({ outcome: 'processed', access: decision });
  });

  test.each([
    ['a claim that is the value', { groups: 'managers' }],
    ['a claim that has the value', { groups: ['staff', 'managers'] }],
  ])('of a subject with %s is handled', async (_what, claims) => {
    const { ports, deliver, sign } = startWithTokens();

    await deliver(message('m-1', sign({ sub: 'grace', ...claims })));

    expect(recordOf(ports, 'm-1')?.access).toEqual({ principal: 'subject:idp grace', action: 'handle', rule: 'role:manager' });
  });

  test.each([
    ['TokenMissing', undefined, {}],
    ['TokenMissing', '', {}],
    ['TokenMalformed', 'token', {}],
    ['TokenAudienceMismatch', 'sign', { aud: 'posthorn-test/other' }],
    ['TokenExpired', 'sign', { iat: 1_767_225_600 - 700, exp: 1_767_225_600 - 100 }],
    ['TokenIssuerUnknown', 'sign', { iss: 'https://elsewhere.test' }],
    ['Forbidden', 'sign', { sub: 'mallory' }],
    ['Forbidden', 'sign', { sub: 'grace', groups: { 0: 'managers' } }],
    ['Forbidden', 'sign', { sub: 'grace', groups: 'managers,staff' }],
  ])('is refused as %s under a key of its own: %s %j', async (code, token, claims) => {
    const { ports, handled, deliver, sign } = startWithTokens();

    await deliver(message('m-1', token === 'sign' ? sign(claims) : token, WEB, { messageId: 'sqs-1' }));

    expect(handled).toEqual([]);
    expect(ports.records.map(({ messageKey }) => messageKey)).toEqual(['refused:testing sqs-1']);
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({ outcome: 'rejected', code });
  });

  test("with another sender's token is refused: a token alone is not enough", async () => {
    const { ports, handled, deliver, sign } = startWithTokens();
    const stolen = sign();

    await deliver(message('m-1', stolen, OTHER, { messageId: 'sqs-1' }));

    expect(handled).toEqual([]);
    expect(ports.recordAt('refused:testing sqs-1')?.error?.code).toBe('TokenSenderMismatch');
  });

  test('with a token that AWS issued must come from the role that the token names', async () => {
    const { ports, handled, deliver, sign } = startWithTokens();
    const token = sign({ iss: 'https://sts.test', sub: 'arn:aws:iam::1:role/sending' });
    const envelope = { source: '/agents/sending' };

    await deliver(message('m-1', token, 'AROAAGENT:posthorn-test-sending', { envelope }));
    await deliver(message('m-2', token, WEB, { envelope, messageId: 'sqs-2' }));

    expect(handled).toEqual(['m-1']);
    expect(ports.recordAt('testing /agents/sending m-1')?.access).toEqual({
      principal: 'agent:sending',
      action: 'handle',
      rule: 'sendsTo',
    });
    expect(ports.recordAt('refused:testing sqs-2')?.error?.code).toBe('TokenSenderMismatch');
  });

  test('of an agent with a token of an identity provider is that agent’s', async () => {
    const { ports, deliver, sign } = startWithTokens();
    ports.accessRecords.set('testing', { ...access, issuers: [{ ...ISSUER, senders: ['agent:sending'] }] });
    const token = sign({ sub: 'mesh-client' });

    await deliver(message('m-1', token, 'AROAAGENT:1', { envelope: { source: '/agents/sending' } }));

    expect(ports.recordAt('testing /agents/sending m-1')?.access).toEqual({
      principal: 'agent:sending',
      action: 'handle',
      rule: 'sendsTo',
    });
  });

  test('is authorised by what the holder of its token may do, not by what the sender that presents it may', async () => {
    const { ports, deliver, sign } = startWithTokens({
      actions: { approve: {} },
      handle: async (_message, context) => context.authorize('approve'),
    });
    const mighty = { ...access.principals, AROAWEB: principal('producer:web', { grants: { approve: 'role:gateway' } }) };
    ports.accessRecords.set('testing', { ...access, principals: mighty });

    await deliver(message('m-1', sign()), message('m-2', sign({ sub: 'grace', groups: 'managers' })));

    expect(recordOf(ports, 'm-1')?.error).toMatchObject({
      code: 'Forbidden',
      reason: "subject:idp ada may not do 'approve' at 'testing': no rule allows it: add the action to a role of the sender in the policy",
    });
    expect(recordOf(ports, 'm-2')?.outcome).toBe('processed');
  });

  test('is put back, under no record, when the verifier itself fails', async () => {
    const { ports, handled, deliver, sign } = startWithTokens();
    ports.faults.verifySignature = () => {
      throw new Error('out of memory');
    };
    const record = message('m-1', sign(), WEB, { messageId: 'sqs-1' });

    expect(await deliver(record)).toEqual(['sqs-1']);
    expect(ports.records).toEqual([]);
    expect(handled).toEqual([]);
    ports.faults.verifySignature = undefined;
    expect(await deliver(receivedAgain(record))).toEqual([]);
    expect(handled).toEqual(['m-1']);
  });

  test('does not wait for a copy of another sender that must', async () => {
    const { ports, handled, deliver, sign, setDown } = startWithTokens();
    await deliver(message('warm', sign()));
    setDown(true);
    const body = { id: 'm-1' };
    const unknownKey = message(
      body.id,
      sign().replace(/^[^.]+/, Buffer.from('{"alg":"EdDSA","typ":"JWT","kid":"new"}').toString('base64url')),
      OTHER,
    );

    await deliver(unknownKey, message(body.id, sign()));

    expect(handled).toEqual(['warm', 'm-1']);
    expect(recordOf(ports, 'm-1')?.outcome).toBe('processed');
  });

  test('stays valid while it waits', async () => {
    const { ports, handled, deliver, sign } = startWithTokens();
    const record = message('m-1', sign());
    ports.clock.advance(86_400_000);

    await deliver(record);

    expect(handled).toEqual(['m-1']);
  });

  test('is not lost and not attempted while the keys of its issuer cannot be had', async () => {
    const { ports, handled, deliver, sign, setDown } = startWithTokens();
    const record = message('m-1', sign(), WEB, { messageId: 'sqs-1' });
    setDown(true);

    expect(await deliver(record)).toEqual(['sqs-1']);
    expect(ports.records).toEqual([]);
    setDown(false);
    ports.clock.advance(60_000);
    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(handled).toEqual(['m-1']);
    expect(recordOf(ports, 'm-1')?.attempts).toEqual([]);
  });

  test('is refused once its issuer has withdrawn the key', async () => {
    const { ports, world, deliver, sign } = startWithTokens();
    await deliver(message('m-1', sign()));
    world.published = [KEYS.rsa];
    ports.clock.advance(3_600_000);
    const late = message('m-2', sign(), WEB, { messageId: 'sqs-2' });
    await deliver({ ...late, attributes: { ...late.attributes, SentTimestamp: String(ports.clock.now()) } });

    expect(ports.recordAt('refused:testing sqs-2')?.outcome).toBe('rejected');
  });
});

describe('what an agent sends', () => {
  test('carries a token for its target, which is in no record and in no log', async () => {
    const { ports, deliver, sign } = startWithTokens({
      handle: async (_message, context) => {
        await context.send('other', { text: 'on' });
        await context.reply({ text: 'back' });
      },
    });

    await deliver(message('m-1', sign()));

    const [toOther] = ports.sentTo('https://sqs.test/other-inbox');
    const [reply] = ports.sentTo('https://sqs.test/replies');
    expect(toOther?.attributes).toEqual({ authorization: 'token 1 for posthorn-test/other' });
    expect(reply?.attributes).toEqual({});
    const kept = JSON.stringify([ports.records, ports.lines, [...ports.stored.values()], toOther?.body]);
    expect(kept).not.toContain('token 1 for');
    expect(kept).not.toContain(sign().slice(0, 40));
  });

  test('carries a token for the asker, if it is a reply, and none if SQS refuses it there and the replies queue gets it', async () => {
    const { ports, deliver, sign } = startWithTokens({ handle: async (_message, context) => context.reply({ text: 'back' }) });
    ports.accessRecords.set('testing', { ...access, repliesTo: ['unreachable'] });
    const asked = { envelope: { replyto: 'unreachable' } };

    await deliver(message('m-1', sign(), WEB, asked));
    ports.faults.send = (queueUrl) => {
      if (queueUrl.includes('unreachable')) throw Object.assign(new Error('it is gone'), { name: 'QueueDoesNotExist' });
    };
    await deliver(message('m-2', sign(), WEB, asked));

    expect(ports.sent.map(({ queueUrl, message: { attributes } }) => [queueUrl, attributes])).toEqual([
      ['https://sqs.test/unreachable-inbox', { authorization: 'token 1 for posthorn-test/unreachable' }],
      ['https://sqs.test/replies', {}],
    ]);
  });

  test('waits for a provider that is down, with the outcome committed and nothing lost', async () => {
    const { ports, deliver, sign } = startWithTokens({ handle: async (_message, context) => context.send('other', {}) });
    const record = message('m-1', sign(), WEB, { messageId: 'sqs-1' });
    ports.faults.token = () => {
      throw new Error('STS does not answer');
    };

    expect(await deliver(record)).toEqual(['sqs-1']);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', attempts: [] });
    expect(ports.sent).toEqual([]);
    ports.faults.token = undefined;
    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(ports.sentTo('https://sqs.test/other-inbox')).toHaveLength(1);
  });

  test('to the error queue has no credential: the copy keeps none either', async () => {
    const { ports, deliver, sign } = startWithTokens();
    await deliver(message('m-1', sign({ sub: 'mallory' })));

    expect(Object.keys(ports.sentTo(ERROR_QUEUE_URL)[0]?.attributes ?? {})).not.toContain('authorization');
  });
});
