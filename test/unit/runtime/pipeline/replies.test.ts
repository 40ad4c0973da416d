import { describe, expect, test } from 'vitest';
import type { AccessRecord, Principal } from '../../../../events/access-record.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, ERROR_QUEUE_URL, envelopesTo, REPLIES_URL, recordOf, startProcess, type TestingOptions } from './testing-agent.ts';

const PRODUCER = 'AROAPRODUCER:session-1';
const ANSWERING = 'AROAANSWERING:posthorn-test-answering';

/** Of an agent that the definition does not name. */
const ASKER = 'unreachable';

const principal = (name: string, rest: Partial<Principal> = {}): Principal => ({
  name,
  sources: ['/tests'],
  onBehalfOf: false,
  grants: {},
  ...rest,
});

const access: AccessRecord = {
  agent: 'testing',
  actions: {},
  principals: {
    AROAPRODUCER: principal('producer:shop', { grants: { handle: 'role:customer' } }),
    AROANOBODY: principal('producer:nobody', { sources: ['*'] }),
    AROAANSWERING: principal('agent:answering', { sources: ['/agents/answering'] }),
    AROASENDING: principal('agent:sending', { sources: ['/agents/sending'], grants: { '*': 'sendsTo' } }),
  },
  tokenHolders: [],
  issuers: [],
};

const named = (name: string) => Object.assign(new Error(`${name} of SQS`), { name });

describe('a reply', () => {
  const RECORD = { ...access, repliesTo: ['another', ASKER] };

  function startReplying(record: AccessRecord | undefined = RECORD, { sendsToo = false, authentication = 'iam' as 'iam' | 'none' } = {}) {
    const ports = new MemoryPorts();
    if (record !== undefined) ports.accessRecords.set('testing', record);
    const handle: TestingOptions['handle'] = async (_message, context) => {
      if (sendsToo) await context.send('other', 'on');
      await context.reply('yes');
    };
    return { ports, deliver: startProcess(ports, { handle, retry: { maxRetries: 0 } }, authentication) };
  }

  const request = (id = 'm-1') =>
    createMessage(id, undefined, { senderId: PRODUCER, messageId: `sqs-${id}`, envelope: { replyto: ASKER } });

  const warnings = (ports: MemoryPorts) =>
    ports.lines.filter(({ level }) => level === 'warn').map(({ fields }) => [fields.replyto, fields.error]);

  test('goes to an agent that receives replies, though the definition does not name it, and costs no request', async () => {
    const { ports, deliver } = startReplying();

    expect(await deliver(request())).toEqual([]);
    expect(envelopesTo(ports, inboxOf(ASKER))).toMatchObject([{ type: 'testing.reply', data: 'yes', causationid: 'm-1' }]);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', outbox: [{ to: ASKER, reply: true }] });
    expect(ports.requests.readAccess).toBe(1);
    expect(warnings(ports)).toEqual([]);
  });

  test('goes to the replies queue, where the agent receives none, after the registry was asked again', async () => {
    const { ports, deliver } = startReplying(access);
    await deliver(createMessage('m-0', undefined, { senderId: PRODUCER }));
    ports.clock.advance(5_000);

    expect(await deliver(request())).toEqual([]);
    expect(envelopesTo(ports, REPLIES_URL).map(({ causationid }) => causationid)).toEqual(['m-0', 'm-1']);
    expect(recordOf(ports, 'm-1')?.outbox).toEqual([{ body: expect.any(String) }]);
    expect(ports.requests.readAccess).toBe(2);
    expect(warnings(ports)).toEqual([[ASKER, expect.objectContaining({ message: expect.stringContaining('set receivesReplies') })]]);
  });

  test('goes to an agent that has been deployed since the process read the registry', async () => {
    const { ports, deliver } = startReplying(access);
    await deliver(createMessage('m-0', undefined, { senderId: PRODUCER }));
    ports.accessRecords.set('testing', RECORD);
    ports.clock.advance(5_000);

    expect(await deliver(request())).toEqual([]);
    expect(ports.sentTo(inboxOf(ASKER))).toHaveLength(1);
  });

  test('is put back, as no attempt, while the registry cannot say whether the agent receives replies', async () => {
    const { ports, deliver } = startReplying(access);
    await deliver(createMessage('m-0', undefined, { senderId: PRODUCER }));
    ports.clock.advance(5_000);
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };

    expect(await deliver(request())).toEqual(['sqs-m-1']);
    expect(recordOf(ports, 'm-1')).toBeUndefined();
    ports.faults.readAccess = undefined;
    ports.accessRecords.set('testing', RECORD);
    expect(await deliver(receivedAgain(request()))).toEqual([]);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', attempts: [] });
    expect(ports.sentTo(inboxOf(ASKER))).toHaveLength(1);
  });

  test('outlasts an outage of the registry in a process that knows the agent', async () => {
    const { ports, deliver } = startReplying();
    await deliver(request('m-0'));
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };
    ports.clock.advance(240_000);

    expect(await deliver(request())).toEqual([]);
    expect(ports.sentTo(inboxOf(ASKER))).toHaveLength(2);
  });

  test.each([
    ['that lists it goes to it', RECORD, inboxOf(ASKER)],
    ['that does not exist goes to the replies queue', undefined, REPLIES_URL],
  ])('of an agent that authenticates nobody, with a registry %s', async (_what, record, queueUrl) => {
    const { ports, deliver } = startReplying(record, { authentication: 'none' });
    if (record === undefined) ports.accessRecords.clear();

    expect(await deliver(request())).toEqual([]);
    expect(ports.sent.map((sent) => sent.queueUrl)).toEqual([queueUrl]);
  });

  test('whose agent is gone goes to the replies queue at once, which is logged as an error', async () => {
    const { ports, deliver } = startReplying();
    ports.faults.send = (queueUrl) => {
      if (queueUrl === inboxOf(ASKER)) throw named('QueueDoesNotExist');
    };

    expect(await deliver(request())).toEqual([]);
    expect(envelopesTo(ports, REPLIES_URL)).toMatchObject([{ data: 'yes' }]);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', outbox: [{ to: ASKER, reply: true }] });
    expect(ports.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ code: 'ReplyRefused', replyto: ASKER }) }),
    );
  });

  test('that may not be sent waits for the permission until the last receive, then goes to the replies queue', async () => {
    const { ports, deliver } = startReplying(RECORD, { sendsToo: true });
    ports.faults.send = (queueUrl) => {
      if (queueUrl === inboxOf(ASKER)) throw named('AccessDenied');
    };
    let record = request();
    for (let receive = 1; receive < 10; receive++) {
      expect(await deliver(record)).toEqual(['sqs-m-1']);
      record = receivedAgain(record);
    }
    expect(ports.sentTo(REPLIES_URL)).toEqual([]);

    expect(await deliver(record)).toEqual([]);
    expect(envelopesTo(ports, REPLIES_URL)).toMatchObject([{ data: 'yes' }]);
    expect(new Set(envelopesTo(ports, inboxOf('other')).map(({ id }) => id)).size).toBe(1);
    expect(ports.sentTo(ERROR_QUEUE_URL)).toEqual([]);
  });

  test('that SQS could not take is sent again, also at the last receive: the queue may have it', async () => {
    const { ports, deliver } = startReplying();
    ports.faults.send = () => {
      throw named('ServiceUnavailable');
    };
    let record = request();
    for (let receive = 1; receive <= 10; receive++) {
      expect(await deliver(record)).toEqual(['sqs-m-1']);
      record = receivedAgain(record);
    }

    expect(ports.sentTo(REPLIES_URL)).toEqual([]);
  });

  test('is the only message that ends in the replies queue: a refused message to another agent does not', async () => {
    const { ports, deliver } = startReplying(RECORD, { sendsToo: true });
    ports.faults.send = (queueUrl) => {
      if (queueUrl === inboxOf('other')) throw named('QueueDoesNotExist');
    };

    expect(await deliver(request())).toEqual(['sqs-m-1']);
    expect(ports.sentTo(REPLIES_URL)).toEqual([]);
  });

  test('whose committed outbox is content is known as a reply, too', async () => {
    const { ports } = startReplying();
    const handle: TestingOptions['handle'] = async (_message, context) => {
      for (let nth = 0; nth < 5; nth++) await context.reply('x'.repeat(5_000));
    };
    ports.faults.send = (queueUrl) => {
      if (queueUrl === inboxOf(ASKER)) throw named('QueueDoesNotExist');
    };

    expect(await startProcess(ports, { handle }, 'iam')(request())).toEqual([]);
    expect(recordOf(ports, 'm-1')).toHaveProperty('outboxRef');
    expect(ports.sentTo(REPLIES_URL)).toHaveLength(5);
  });
});

describe('at an agent that receives replies, a message', () => {
  async function decide(senderId: string, envelope: Readonly<Record<string, unknown>>, record: Partial<AccessRecord> = {}) {
    const ports = new MemoryPorts();
    ports.accessRecords.set('testing', { ...access, repliesTo: ['testing'], ...record });
    await startProcess(ports, {}, 'iam')(createMessage('m-1', undefined, { senderId, messageId: 'sqs-1', envelope }));
    const source = String(envelope.source);
    const { access: decision, error } = ports.recordAt(`testing ${source} m-1`) ?? ports.recordAt('refused:testing sqs-1') ?? {};
    return { decision, code: error?.code, audit: auditOf(ports, 'm-1')?.fields };
  }

  const fromAnswering = { source: '/agents/answering', type: 'answering.reply' };

  test('of any agent is allowed, if its type is that of a reply, and the record says why', async () => {
    const { decision, audit } = await decide(ANSWERING, fromAnswering);

    expect(decision).toEqual({ principal: 'agent:answering', action: 'reply', rule: 'receivesReplies' });
    expect(audit).toMatchObject({ outcome: 'processed', action: 'reply', rule: 'receivesReplies' });
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, Partial<AccessRecord>, string]>([
    ['of an agent, of another type', ANSWERING, { ...fromAnswering, type: 'order.placed' }, {}, 'Forbidden'],
    ['of an agent, with `reply` elsewhere in its type', ANSWERING, { ...fromAnswering, type: 'a.reply.sent' }, {}, 'Forbidden'],
    ['of an agent, as another agent', ANSWERING, { ...fromAnswering, source: '/agents/sending' }, {}, 'SourceRefused'],
    ['of a producer', 'AROANOBODY:1', fromAnswering, {}, 'Forbidden'],
    ['of an unknown role', 'AROASTRANGER:1', fromAnswering, {}, 'UnknownSender'],
    ['that an action names', ANSWERING, fromAnswering, { actions: { 'answering.reply': 'conclude' } }, 'Forbidden'],
    ['that an action names which is called handle', ANSWERING, fromAnswering, { actions: { 'answering.reply': 'handle' } }, 'Forbidden'],
    ['that says it is redriven', ANSWERING, { ...fromAnswering, generation: 1 }, {}, 'Forbidden'],
    ['at another one that receives them', ANSWERING, fromAnswering, { repliesTo: ['other'] }, 'Forbidden'],
    ['where nobody receives any', ANSWERING, fromAnswering, { repliesTo: [] }, 'Forbidden'],
  ])('%s is refused', async (_what, senderId, envelope, record, code) => {
    expect((await decide(senderId, envelope, record)).code).toBe(code);
  });

  test.each([
    ['AROASENDING:1', { source: '/agents/sending', type: 'sending.reply' }, { principal: 'agent:sending', rule: 'sendsTo' }],
    [PRODUCER, { source: '/tests', type: 'shop.reply' }, { principal: 'producer:shop', rule: 'role:customer' }],
  ])('of %s with the type of a reply is allowed by the same rule as before', async (senderId, envelope, decision) => {
    for (const repliesTo of [['testing'], []])
      expect((await decide(senderId, envelope, { repliesTo })).decision).toEqual({ ...decision, action: 'handle' });
  });
});
