import { describe, expect, test } from 'vitest';
import type { AccessRecord, Principal } from '../../../../events/access-record.ts';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, ERROR_QUEUE_URL, recordOf, startProcess, type TestingOptions } from './testing-agent.ts';

const PRODUCER = 'AROAPRODUCER:session-1';
const OPERATOR = 'AROAOPERATOR:ada';
const STRANGER = 'AROASTRANGER:session-1';

const principal = (name: string, rest: Partial<Principal> = {}): Principal => ({
  name,
  sources: ['/tests'],
  onBehalfOf: false,
  grants: { handle: 'role:customer' },
  ...rest,
});

const access: AccessRecord = {
  agent: 'testing',
  actions: { 'document.uploaded': 'process_documents' },
  principals: {
    AROAPRODUCER: principal('producer:shop'),
    AROAOPERATOR: principal('producer:operator', { sources: ['/operators/*'], grants: { redrive: 'role:operator' } }),
    AROAFRONT: principal('producer:front', { onBehalfOf: true }),
    AROANOBODY: principal('producer:nobody', { grants: {} }),
  },
  tokenHolders: [],
  issuers: [],
};

function startTrusting(options: TestingOptions = {}, record: AccessRecord | 'none' = access) {
  const ports = new MemoryPorts();
  if (record !== 'none') ports.accessRecords.set('testing', record);
  const handled: string[] = [];
  const start = () =>
    startProcess(
      ports,
      {
        handle: async ({ id }) => {
          handled.push(id);
        },
        ...options,
      },
      'iam',
    );
  return { ports, handled, deliver: start(), start };
}

const from = (senderId: string, id: string, options: Parameters<typeof createMessage>[2] = {}, data?: unknown) =>
  createMessage(id, data, { senderId, ...options });

const refusedRecord = (ports: MemoryPorts, sqsMessageId: string) => ports.recordAt(`refused:testing ${sqsMessageId}`);

describe('a message of a sender that is allowed', () => {
  test('is handled, and its record says who, what and why', async () => {
    const { ports, handled, deliver } = startTrusting();

    expect(await deliver(from(PRODUCER, 'm-1'))).toEqual([]);

    expect(handled).toEqual(['m-1']);
    const decision = { principal: 'producer:shop', action: 'handle', rule: 'role:customer' };
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', sender: PRODUCER, access: decision });
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({ outcome: 'processed', senderId: PRODUCER, ...decision });
  });

  test('costs one read of the registry for a batch, and none while that is fresh', async () => {
    const { ports, deliver } = startTrusting();

    await deliver(...Array.from({ length: 10 }, (_, nth) => from(PRODUCER, `m-${nth}`)));
    ports.clock.advance(9_999);
    await deliver(from(PRODUCER, 'later'));

    expect(ports.requests.readAccess).toBe(1);
    expect(ports.requests.read).toBe(2);
  });

  test('has the action of its type', async () => {
    const { ports, handled, deliver } = startTrusting();

    await deliver(from(PRODUCER, 'm-1', { envelope: { type: 'document.uploaded' } }));

    expect(handled).toEqual([]);
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({
      code: 'Forbidden',
      reason:
        "producer:shop may not do 'process_documents' at 'testing': no rule allows it: add the action to a role of the sender in the policy",
    });
  });

  test('may be sent on behalf of a user, if the sender may do that', async () => {
    const { ports, deliver } = startTrusting();

    await deliver(from('AROAFRONT:1', 'm-1', { envelope: { authid: 'user-7' } }));

    expect(recordOf(ports, 'm-1')?.access).toMatchObject({ principal: 'producer:front', onBehalfOf: 'user-7' });
  });
});

describe('a message that is refused', () => {
  test.each([
    ['UnknownSender', STRANGER, {}],
    ['UnknownSender', '', {}],
    ['UnknownSender', '__proto__', {}],
    ['UnknownSender', 'constructor:x', {}],
    ['UnknownSender', 'AROAPRODUCER2:session-1', {}],
    ['UnknownSender', 'aroaproducer:session-1', {}],
    ['SourceRefused', PRODUCER, { source: '/agents/testing' }],
    ['SourceRefused', PRODUCER, { source: '/tests/' }],
    ['SourceRefused', PRODUCER, { source: '/TESTS' }],
    ['OnBehalfRefused', PRODUCER, { authid: 'user-7' }],
    ['Forbidden', 'AROANOBODY:1', {}],
    ['Forbidden', PRODUCER, { generation: 1 }],
    ['Forbidden', PRODUCER, { type: 'document.uploaded' }],
    ['Forbidden', OPERATOR, { source: '/operators/ada' }],
  ])('%s: from %j with %j, is rejected under a key of its own, and not handled', async (code, senderId, envelope) => {
    const { ports, handled, deliver } = startTrusting();

    expect(await deliver(from(senderId, 'm-1', { messageId: 'sqs-1', envelope }))).toEqual([]);

    expect(handled).toEqual([]);
    expect(ports.records.map(({ messageKey }) => messageKey)).toEqual(['refused:testing sqs-1']);
    expect(refusedRecord(ports, 'sqs-1')).toMatchObject({ outcome: 'rejected', error: { code, kind: 'permanent' } });
    expect(ports.sentTo(ERROR_QUEUE_URL)).toMatchObject([{ attributes: { 'posthorn-code': code } }]);
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({ outcome: 'rejected', code });
  });

  test('does not touch the genuine message of that id, which comes before, beside or after it', async () => {
    const { ports, handled, deliver } = startTrusting();
    const forged = (n: number) => from(STRANGER, 'm-1', { messageId: `forged-${n}` }, { text: `forged ${n}` });
    const touched: string[] = [];
    ports.faults.read = (keys) => void touched.push(...keys);

    await deliver(forged(1));
    expect(touched).toEqual([]);
    await deliver(forged(2), from(PRODUCER, 'm-1'), forged(3));
    await deliver(forged(4));

    expect(handled).toEqual(['m-1']);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', access: { principal: 'producer:shop' } });
    expect(ports.sentTo(ERROR_QUEUE_URL)).toHaveLength(4);
  });

  test("is not given to the agent's classify", async () => {
    const { ports, deliver } = startTrusting({ classify: () => ({ kind: 'transient', code: 'TryAgain' }) });

    expect(await deliver(from(STRANGER, 'm-1', { messageId: 'sqs-1' }))).toEqual([]);

    expect(refusedRecord(ports, 'sqs-1')?.error?.code).toBe('UnknownSender');
  });

  test('keeps its outcome when its copy could not be sent and the sender is allowed meanwhile', async () => {
    const { ports, handled, deliver } = startTrusting();
    const record = from(STRANGER, 'm-1', { messageId: 'sqs-1' });
    ports.faults.send = () => {
      throw new Error('no answer');
    };
    expect(await deliver(record)).toEqual(['sqs-1']);
    ports.faults.send = undefined;
    ports.accessRecords.set('testing', { ...access, principals: { ...access.principals, AROASTRANGER: principal('producer:new') } });
    ports.clock.advance(60_000);

    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(handled).toEqual([]);
    expect(recordOf(ports, 'm-1')).toBeUndefined();
    expect(ports.sentTo(ERROR_QUEUE_URL)).toHaveLength(1);
  });
});

describe('a sender whose permission ends while its message is in the queue', () => {
  const revoked: AccessRecord = {
    ...access,
    principals: { ...access.principals, AROAPRODUCER: principal('producer:shop', { grants: {} }) },
  };

  test('has what was committed sent: a message has one outcome', async () => {
    const { ports, deliver } = startTrusting({ handle: async (_message, context) => context.send('other', {}) });
    const record = from(PRODUCER, 'm-1', { messageId: 'sqs-1' });
    ports.faults.send = () => {
      throw new Error('no answer');
    };
    expect(await deliver(record)).toEqual(['sqs-1']);
    ports.faults.send = undefined;
    ports.accessRecords.set('testing', revoked);
    ports.clock.advance(60_000);

    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(recordOf(ports, 'm-1')?.outcome).toBe('processed');
    expect(refusedRecord(ports, 'sqs-1')).toBeUndefined();
    expect(ports.sent.map(({ queueUrl }) => queueUrl)).toEqual(['https://sqs.test/other-inbox']);
  });

  test('has its message rejected under its own id, where an attempt is on record', async () => {
    const { ports, deliver } = startTrusting({
      handle: async () => {
        throw new Error('a bug');
      },
    });
    const record = from(PRODUCER, 'm-1', { messageId: 'sqs-1' });
    expect(await deliver(record)).toEqual(['sqs-1']);
    ports.accessRecords.set('testing', revoked);
    ports.clock.advance(60_000);

    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'rejected', error: { code: 'Forbidden' } });
    expect(refusedRecord(ports, 'sqs-1')).toBeUndefined();
  });
});

describe('the registry', () => {
  test('in a process that has no record, its outage puts messages back, as no attempt', async () => {
    const { ports, handled, deliver } = startTrusting();
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };

    expect(await deliver(from(PRODUCER, 'm-1', { messageId: 'sqs-1' }))).toEqual(['sqs-1']);

    expect(handled).toEqual([]);
    expect(ports.records).toEqual([]);
    expect(ports.delays).toHaveLength(1);
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({ outcome: 'retry' });
  });

  test('in a warm process, its outage is not noticed for five minutes', async () => {
    const { ports, handled, deliver } = startTrusting();
    await deliver(from(PRODUCER, 'm-1'));
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };

    for (let minute = 1; minute < 5; minute++) {
      ports.clock.advance(60_000);
      expect(await deliver(from(PRODUCER, `minute-${minute}`))).toEqual([]);
    }
    expect(handled).toHaveLength(5);
    ports.clock.advance(60_000);
    expect(await deliver(from(PRODUCER, 'too-late', { messageId: 'late' }))).toEqual(['late']);
  });

  test('is asked beside the work when the record is ten seconds old', async () => {
    const { ports, deliver } = startTrusting();
    await deliver(from(PRODUCER, 'm-1'));
    ports.clock.advance(10_000);

    await deliver(from(PRODUCER, 'm-2'));
    expect(ports.requests.readAccess).toBe(2);
    await deliver(from(PRODUCER, 'm-3'));
    expect(ports.requests.readAccess).toBe(2);
  });

  test('is asked again before a refusal: the sender may be new', async () => {
    const { ports, handled, deliver } = startTrusting();
    await deliver(from(PRODUCER, 'm-1'));
    ports.accessRecords.set('testing', { ...access, principals: { ...access.principals, AROASTRANGER: principal('producer:new') } });
    ports.clock.advance(1_000);

    await deliver(from(STRANGER, 'm-2'));

    expect(handled).toEqual(['m-1', 'm-2']);
  });

  test('is not asked more than once a second, however many strangers there are', async () => {
    const { ports, deliver } = startTrusting();

    for (let nth = 0; nth < 20; nth++) await deliver(from(STRANGER, `m-${nth}`), from(STRANGER, `n-${nth}`));

    expect(ports.requests.readAccess).toBe(1);
  });

  test('that cannot be asked before a refusal puts the message back', async () => {
    const { ports, deliver } = startTrusting();
    await deliver(from(PRODUCER, 'm-1'));
    ports.clock.advance(2_000);
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };

    expect(await deliver(from(STRANGER, 'm-2', { messageId: 'sqs-2' }))).toEqual(['sqs-2']);
    expect(refusedRecord(ports, 'sqs-2')).toBeUndefined();
  });

  test('puts messages back for half an hour on average before their receives are used up', async () => {
    const { ports, deliver } = startTrusting();
    ports.faults.readAccess = () => {
      throw new Error('no answer');
    };
    let record = from(PRODUCER, 'm-1', { messageId: 'sqs-1' });
    const longest: number[] = [];
    for (let receive = 1; receive < 10; receive++) {
      await deliver(record);
      longest.push(ports.delays.at(-1)?.delaySeconds ?? 0);
      record = receivedAgain(record);
    }

    for (const [nth, delay] of longest.entries()) expect(delay).toBeLessThanOrEqual(Math.min(900, 15 * 2 ** nth));
    expect(longest.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(600);
  });

  test('that does not know the agent yet puts messages back', async () => {
    const { ports, deliver } = startTrusting({}, 'none');

    expect(await deliver(from(PRODUCER, 'm-1', { messageId: 'sqs-1' }))).toEqual(['sqs-1']);
    ports.accessRecords.set('testing', access);
    expect(await deliver(receivedAgain(from(PRODUCER, 'm-1', { messageId: 'sqs-1' })))).toEqual([]);
  });
});

describe('a redriven message', () => {
  const fails = {
    handle: async () => {
      throw new PermanentError('Broken', 'as the test says');
    },
  };

  test('needs the action redrive, and keeps its original sender', async () => {
    const { ports, deliver, start } = startTrusting(fails);
    await deliver(from(PRODUCER, 'm-1'));
    const seen: unknown[] = [];
    const mended = startProcess(ports, { handle: async (_message, { sender }) => void seen.push(sender) }, 'iam');

    expect(await start()(from(STRANGER, 'm-1', { envelope: { generation: 1 } }))).toEqual([]);
    await mended(from(OPERATOR, 'm-1', { envelope: { generation: 1 } }));

    expect(seen).toEqual([{ name: 'producer:shop', senderId: PRODUCER, onBehalfOf: undefined }]);
    expect(recordOf(ports, 'm-1')).toMatchObject({
      outcome: 'processed',
      sender: PRODUCER,
      access: { principal: 'producer:shop', action: 'redrive', rule: 'role:operator', redrivenBy: 'producer:operator' },
    });
  });

  const stating = (senderId: string) => ({
    'posthorn-sender': { stringValue: senderId, dataType: 'String' as const, stringListValues: [], binaryListValues: [] },
  });

  test('that SQS moved without a record has the sender that the operator states', async () => {
    const seen: unknown[] = [];
    const { ports, deliver } = startTrusting({ handle: async (_message, { sender }) => void seen.push(sender.name) });

    await deliver(from(OPERATOR, 'm-1', { messageAttributes: stating(PRODUCER) }));

    expect(seen).toEqual(['producer:shop']);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', sender: PRODUCER });
  });

  test("that was refused stays its original sender's, however often it is redriven", async () => {
    const { ports, handled, deliver } = startTrusting();

    for (const [n, generation] of [1, 2].entries()) {
      await deliver(from(OPERATOR, 'm-1', { messageId: `sqs-${n}`, messageAttributes: stating(STRANGER), envelope: { generation } }));
      expect(refusedRecord(ports, `sqs-${n}`)).toMatchObject({ sender: STRANGER, error: { code: 'UnknownSender' } });
      expect(ports.sentTo(ERROR_QUEUE_URL).at(-1)?.attributes).toMatchObject({ 'posthorn-sender': STRANGER });
    }
    expect(handled).toEqual([]);
  });

  test('that was refused for the token of its operator, whom the refusal names, may be redriven again', async () => {
    const { ports, handled, deliver } = startTrusting();

    await deliver(from(OPERATOR, 'm-1', { messageAttributes: stating(OPERATOR), envelope: { generation: 1 } }));

    expect(handled).toEqual(['m-1']);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', access: { redrivenBy: 'producer:operator' } });
  });

  test('of which there is neither a record nor a stated sender is a new one, which the permission to redrive does not cover', async () => {
    const { ports, handled, deliver } = startTrusting();

    await deliver(from(OPERATOR, 'm-1', { messageId: 'sqs-1', envelope: { generation: 1 } }));

    expect(handled).toEqual([]);
    expect(refusedRecord(ports, 'sqs-1')?.error?.code).toBe('Forbidden');
    expect(recordOf(ports, 'm-1')).toBeUndefined();
  });

  test.each([
    ['all actions', principal('producer:all', { sources: ['*'], grants: { '*': 'role:all' } })],
    ['sendsTo', principal('agent:sending', { sources: ['/agents/sending'], grants: { '*': 'sendsTo' } })],
  ])('is not believed of a sender that may do %s: redrive is a permission of its own', async (_what, almighty) => {
    const { ports, handled, deliver } = startTrusting({}, { ...access, principals: { ...access.principals, AROAALL: almighty } });

    await deliver(from('AROAALL:1', 'm-1', { messageId: 'sqs-1', messageAttributes: stating(PRODUCER) }));

    expect(handled).toEqual([]);
    expect(refusedRecord(ports, 'sqs-1')?.error?.code).toBe('Forbidden');
  });

  test('on behalf of a user is believed of an original sender that may send so, and only of that one', async () => {
    const seen: unknown[] = [];
    const { ports, deliver } = startTrusting({ handle: async (_message, { sender }) => void seen.push(sender) });

    await deliver(from(OPERATOR, 'm-1', { messageAttributes: stating('AROAFRONT:1'), envelope: { authid: 'user-7' } }));
    await deliver(from(OPERATOR, 'm-2', { messageId: 'sqs-2', messageAttributes: stating(PRODUCER), envelope: { authid: 'user-7' } }));

    expect(seen).toEqual([{ name: 'producer:front', senderId: 'AROAFRONT:1', onBehalfOf: 'user-7' }]);
    expect(refusedRecord(ports, 'sqs-2')?.error?.code).toBe('OnBehalfRefused');
  });

  test('is not believed where a producer states another sender', async () => {
    const { ports, handled, deliver } = startTrusting();

    await deliver(from(PRODUCER, 'm-1', { messageId: 'sqs-1', messageAttributes: stating(OPERATOR) }));

    expect(handled).toEqual([]);
    expect(refusedRecord(ports, 'sqs-1')?.error?.code).toBe('Forbidden');
  });
});

describe('context.authorize', () => {
  const grants = { handle: 'role:customer', approve: 'role:manager' };

  test('lets through what a role of the sender allows, and rejects the message otherwise', async () => {
    const allowing = { ...access, principals: { ...access.principals, AROAMANAGER: principal('producer:manager', { grants }) } };
    const options: TestingOptions = {
      actions: { approve: {} },
      handle: async ({ data }, context) => {
        if (data.text === 'large') context.authorize('approve');
      },
    };
    const { ports, deliver } = startTrusting(options, allowing);

    await deliver(
      from(PRODUCER, 'small'),
      from(PRODUCER, 'large', {}, { text: 'large' }),
      from('AROAMANAGER:1', 'managed', {}, { text: 'large' }),
    );

    expect(recordOf(ports, 'small')?.outcome).toBe('processed');
    expect(recordOf(ports, 'managed')?.outcome).toBe('processed');
    expect(recordOf(ports, 'large')).toMatchObject({
      outcome: 'rejected',
      error: {
        code: 'Forbidden',
        reason: "producer:shop may not do 'approve' at 'testing': no rule allows it: add the action to a role of the sender in the policy",
      },
    });
  });
});

test('an unparsable message of a stranger is rejected without a record under any id', async () => {
  const { ports, deliver } = startTrusting();

  await deliver(createRecord('{"specversion":', { messageId: 'sqs-1', senderId: STRANGER }));

  expect(ports.records.map(({ messageKey }) => messageKey)).toEqual(['unopened:testing sqs-1']);
});
