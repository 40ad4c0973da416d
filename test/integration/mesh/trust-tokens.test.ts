import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { FailedMessage, FailedQueueKind } from '../../../client/index.ts';
import { messageKey, refusedKey } from '../../../events/ledger-record.ts';
import { errorQueueName, inboxName, ledgerTableName, meshName } from '../../../events/names.ts';
import { event, newTrace } from '../../helpers/mesh-fixture.ts';
import { edKey } from '../../helpers/token-issuer.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';
import { IdentityProvider } from './trust/identity-provider.ts';
import { SHOP } from './trust/policy.ts';
import { ABROAD } from './trust/recording-agent.ts';
import { GATEWAY, startTokenMesh } from './trust/token-mesh.ts';
import type { Sender, TrustingMesh } from './trust/trusting-mesh.ts';

// Agents that want a token with each message, as those meet them who send: a gateway with one role, whose users have tokens of an
// identity provider. What the provider's keys do to messages takes minutes, see trust-tokens.slow.test.ts.

const AGENT = 'archive';

let idp: IdentityProvider;
let trusting: TrustingMesh;
let gateway: Sender;

/** Every token of this file, and what it sent instead of one. */
const presented: string[] = [];

beforeAll(async () => {
  idp = await IdentityProvider.start('idp');
  trusting = await startTokenMesh([idp]);
  gateway = await trusting.as('gateway');
});
afterAll(async () => {
  await trusting[Symbol.asyncDispose]();
  await idp[Symbol.asyncDispose]();
});

function present(sender: Sender, agent: string, body: object, token?: string): Promise<string> {
  if (token === undefined) return sender.send(agent, body);
  presented.push(token);
  return sender.send(agent, body, { authorization: token });
}

const outcomeOf = (agent: string, id: string, generation = 0) => trusting.fixture.mesh.outcomeOf(agent, GATEWAY, id, { generation });

const visits = (id: string, agent = AGENT) => trusting.control.visits(messageKey(agent, GATEWAY, id));

describe.concurrent('a message with a good token', () => {
  test.for([
    ['of a subject with a role', () => idp.token(AGENT), 'user-1'],
    ['of a subject whose group has a role', () => idp.token(AGENT, { subject: 'user-2', groups: ['staff', 'customers'] }), 'user-2'],
    ['as HTTP has it', () => `Bearer ${idp.token(AGENT)}`, 'user-1'],
  ] as const)('%s, is handled as its holder’s', async ([, token, subject], { expect }) => {
    const message = event({}, { source: GATEWAY });

    await present(gateway, AGENT, message, token());
    const record = await outcomeOf(AGENT, message.id);

    expect(record).toMatchObject({ outcome: 'processed', attempts: [], result: { name: `subject:idp ${subject}` } });
    expect(record.access).toEqual({ principal: `subject:idp ${subject}`, action: 'handle', rule: 'role:reader' });
    expect(visits(message.id)).toBe(1);
  });
});

describe.concurrent('a message without a good token', () => {
  test.for([
    ['without one', 'TokenMissing', 'gateway', (): undefined => undefined],
    ['with garbage', 'TokenMalformed', 'gateway', (): string => 'a-secret-that-is-no-token'],
    ['with an unsigned one', 'TokenAlgorithmRefused', 'gateway', () => idp.token(AGENT, { alg: 'none' })],
    ['with one that somebody else signed', 'TokenSignatureInvalid', 'gateway', () => idp.token(AGENT, { key: edKey('first') })],
    ['with one for another agent', 'TokenAudienceMismatch', 'gateway', () => idp.token('scanner')],
    ['with one that expired before', 'TokenExpired', 'gateway', () => idp.token(AGENT, { issued: -600, expires: -60 })],
    ['with a subject and a group without a role', 'Forbidden', 'gateway', () => idp.token(AGENT, { subject: 'user-9', groups: ['staff'] })],
    ['with one that another producer stole', 'TokenSenderMismatch', 'shop', () => idp.token(AGENT)],
    ['with one that a stranger stole', 'UnknownSender', 'stranger', () => idp.token(AGENT)],
    ['with the operator’s own', 'TokenSenderMismatch', 'gateway', () => trusting.client.token(AGENT)],
  ] as const)('%s, ends in the error queue as %s, and the genuine one with its id is processed', async (row, { expect }) => {
    const [, code, role, token] = row;
    const message = event({}, { source: GATEWAY });

    const sqsId = await present(await trusting.as(role), AGENT, message, await token());
    const [copy] = await trusting.errorCopies(AGENT, message.id);
    const [refusal] = await trusting.client.records([refusedKey(AGENT, sqsId)]);
    const before = { visits: visits(message.id), records: await trusting.client.records([messageKey(AGENT, GATEWAY, message.id)]) };
    await present(gateway, AGENT, message, idp.token(AGENT));
    const genuine = await outcomeOf(AGENT, message.id);

    expect(copy?.attributes).toMatchObject({ 'posthorn-code': code, 'posthorn-outcome': 'rejected', 'posthorn-agent': AGENT });
    expect(copy?.attributes).not.toHaveProperty('authorization');
    expect(refusal).toMatchObject({ outcome: 'rejected', error: { code } });
    expect(before).toEqual({ visits: 0, records: [] });
    expect(genuine).toMatchObject({ outcome: 'processed', attempts: [], result: { name: 'subject:idp user-1' } });
    expect(visits(message.id)).toBe(1);
  });

  test('from a source that is not its presenter’s, ends in the error queue, whatever the token says', async ({ expect }) => {
    const message = event({}, { source: `${SHOP}orders` });

    await present(gateway, AGENT, message, idp.token(AGENT));
    const [copy] = await trusting.errorCopies(AGENT, message.id);

    expect(copy?.attributes).toMatchObject({ 'posthorn-code': 'SourceRefused' });
  });
});

describe('an agent that sends to another', () => {
  test('presents a token of its own, which the other takes', async ({ expect }) => {
    const { correlationid, traceparent } = newTrace();
    const message = event({ forwards: true }, { source: GATEWAY, correlationid, traceparent });

    await present(gateway, 'scanner', message, idp.token('scanner'));
    await outcomeOf('scanner', message.id);
    const hop = await until('the second hop', async () =>
      (await Array.fromAsync(trusting.client.journey(correlationid))).find(
        ({ agent, outcome }) => agent === AGENT && outcome !== undefined,
      ),
    );
    const [record] = await trusting.client.records([hop.messageKey]);

    expect(record).toMatchObject({ outcome: 'processed', attempts: [], result: { name: 'agent:scanner' } });
    expect(record?.access).toEqual({ principal: 'agent:scanner', action: 'purge', rule: 'sendsTo' });
  });

  test('presents it in the attribute `authorization`; nobody else can use it, there or elsewhere', async ({ expect }) => {
    const { endpoint } = trusting;
    const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    await sqs.send(new CreateQueueCommand({ QueueName: inboxName(meshName(), ABROAD) }));
    sqs.destroy();
    const tap = trusting.fixture.mesh.tap(inboxName(meshName(), ABROAD));
    const message = event({ exports: true }, { source: GATEWAY });
    const replayed = event({}, { source: GATEWAY });

    await present(gateway, 'scanner', message, idp.token('scanner'));
    const [arrived] = await tap.waitFor('the message abroad', 1, () => true);
    const token = arrived?.attributes.authorization ?? '';
    await present(gateway, AGENT, replayed, token);
    const [copy] = await trusting.errorCopies(AGENT, replayed.id);

    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ iss: `${endpoint}/sts-issuer`, aud: `posthorn-dev/${ABROAD}`, sub: expect.stringMatching(/:role\//) });
    expect(arrived?.body).not.toContain(token);
    expect(copy?.attributes['posthorn-code']).toBe('TokenAudienceMismatch');
  });
});

// A redrive hides what it reads: one test after the other.
describe('the operator’s redrive', () => {
  const FAILING = 'sleeper';

  /** Waits for a failed message, and leaves it where it is. */
  const failedCopy = (id: string, kind: FailedQueueKind): Promise<FailedMessage> =>
    until(`a copy of ${id} in the ${kind} queue`, async () => {
      for await (const message of trusting.client.failed(FAILING, kind)) if (message.id === id) return message;
      return undefined;
    });

  test('has a rejected message handled as its holder’s, from the command line', async ({ expect }) => {
    trusting.control.isBroken = true;
    const message = event({ breaks: true }, { source: GATEWAY });

    await present(gateway, FAILING, message, idp.token(FAILING));
    const rejected = await outcomeOf(FAILING, message.id);
    const copy = await failedCopy(message.id, 'error');
    trusting.control.isBroken = false;
    const redrive = ['errors', 'redrive', FAILING, '--id', message.id, '--endpoint-url', trusting.endpoint, '--json'];
    const { code, stdout } = await posthorn(redrive);
    const redriven = await outcomeOf(FAILING, message.id, 1);

    expect(rejected).toMatchObject({ outcome: 'rejected', error: { code: 'Unwanted' } });
    expect(copy.attributes).not.toHaveProperty('authorization');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ id: message.id, status: 'redriven', generation: 1 })]);
    expect(redriven).toMatchObject({ outcome: 'processed', result: { name: 'subject:idp user-1' } });
    expect(redriven.access).toMatchObject({ principal: 'subject:idp user-1', action: 'redrive', redrivenBy: 'producer:laptop' });
    expect(redriven.sender).toBe(rejected.sender);
  });

  test.for([
    ['whose token was refused', 'error'],
    ['that SQS moved', 'dead-letter'],
  ] as const)('has a message handled %s, as its presenter’s', async ([, kind], { expect }) => {
    const message = event({}, { source: GATEWAY });

    if (kind === 'error') await present(gateway, FAILING, message, idp.token(FAILING, { issued: -600, expires: -60 }));
    else await gateway.sendToDeadLetters(FAILING, message, { authorization: idp.token(FAILING, { issued: -600, expires: -60 }) });
    await failedCopy(message.id, kind);
    await until(`the redrive of ${message.id}`, async () => {
      for await (const { status } of trusting.client.redrive(FAILING, kind, { ids: [message.id] })) if (status === 'redriven') return true;
      return undefined;
    });
    const redriven = await outcomeOf(FAILING, message.id, kind === 'error' ? 1 : 0);

    expect(redriven).toMatchObject({ outcome: 'processed', result: { name: 'producer:gateway' } });
    expect(redriven.access).toMatchObject({ principal: 'producer:gateway', action: 'redrive', redrivenBy: 'producer:laptop' });
    expect(visits(message.id, FAILING)).toBe(1);
  });
});

/** What no other text has of a token: its claims and its signature. */
const secretsOf = (token: string): readonly string[] => (token.includes('.') ? token.split('.').slice(1) : [token]);

// The last: it looks at what all the others have left.
test('no record of the ledger, no copy in an error queue and no line of a log has anything of a token', async ({ expect }) => {
  const { endpoint } = trusting;
  const dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(new ScanCommand({ TableName: ledgerTableName(meshName()) }));
  dynamodb.destroy();
  const written = {
    ledger: JSON.stringify(Items),
    copies: JSON.stringify(trusting.fixture.mesh.tap(errorQueueName(meshName(), AGENT)).messages),
    log: trusting.log.join('\n'),
  };
  const secrets = presented.flatMap(secretsOf);
  const leaked = Object.entries(written).flatMap(([where, text]) => secrets.filter((secret) => text.includes(secret)).map(() => where));

  // All three tell of the refusal, so they are what the tokens could have come into.
  for (const text of Object.values(written)) expect(text).toContain('TokenSignatureInvalid');
  // Nor of those that only the agents know.
  for (const text of Object.values(written)) expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
  expect(LastEvaluatedKey).toBeUndefined();
  expect(secrets.length).toBeGreaterThan(30);
  expect(leaked).toEqual([]);
});
