import { describe, expect, it } from 'vitest';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { DEAD_LETTER_QUEUE_URL, ERROR_QUEUE_URL, recordOf, startProcess, type TestingOptions, TIMEOUT_MS, until } from './testing-agent.ts';

const buggy: TestingOptions = {
  handle: async () => {
    throw new RangeError('a bug', { cause: new Error('below it') });
  },
};

describe('An unknown error', () => {
  it('is logged with stack and cause, and alerted once per fingerprint and 15 minutes over all processes', async () => {
    const ports = new MemoryPorts();
    const [first, second] = [startProcess(ports, buggy), startProcess(ports, buggy)];

    await Promise.all([first(createMessage('a'), createMessage('b')), second(createMessage('c'))]);
    await first(createMessage('d'));
    expect(ports.published).toHaveLength(1);
    ports.clock.advance(15 * 60_000);
    await second(createMessage('e'));

    expect(ports.published).toHaveLength(2);
    expect(ports.published[0]).toMatchObject({
      subject: 'Unknown error in testing: RangeError',
      details: {
        agent: 'testing',
        version: '1.0.0',
        code: 'RangeError',
        reason: 'a bug',
        stack: expect.stringContaining('logging.test.ts'),
      },
    });
    const lines = ports.lines.filter(({ message }) => message === 'unknown error');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({
      level: 'error',
      fields: { error: { stack: expect.any(String), cause: { message: 'below it' } }, messageId: 'a' },
    });
  });

  it('is retried like a transient one and dead-lettered then', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, buggy);
    let record = createMessage('a');
    for (let receive = 0; receive < 3; receive++) {
      expect(await deliver(record)).toHaveLength(1);
      record = receivedAgain(record);
    }

    expect(await deliver(record)).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'dead-lettered', error: { kind: 'unknown', code: 'RangeError' } });
    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toHaveLength(1);
  });

  it('is an attempt like any other when the alert cannot be sent', async () => {
    const ports = new MemoryPorts();
    ports.faults.publish = () => {
      throw new Error('SNS is down');
    };

    expect(await startProcess(ports, buggy)(createMessage('a'))).toHaveLength(1);
    expect(recordOf(ports, 'a')?.attempts).toMatchObject([{ code: 'RangeError' }]);
    expect(ports.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'the alert could not be sent; the next such error tries again' }),
    );
  });

  it('is alerted with its own next attempt when the alert could not be sent', async () => {
    const ports = new MemoryPorts();
    ports.faults.publish = () => {
      throw new Error('SNS is down');
    };
    const deliver = startProcess(ports, buggy);
    const message = createMessage('a');
    await deliver(message);
    ports.faults.publish = undefined;

    await deliver(receivedAgain(message));
    await deliver(receivedAgain(receivedAgain(message)));

    expect(ports.published).toMatchObject([{ details: { messageKey: 'testing /tests a' } }]);
  });

  it('is alerted though the answer to its mark was lost and the SDK asked again', async () => {
    const ports = new MemoryPorts();
    const { write } = ports.ledger;
    ports.ledger.write = async (writes) => {
      const answers = await write(writes);
      return writes.map(({ record }, index) =>
        record.messageKey.startsWith('alert:') && record.claim ? 'conflict' : (answers[index] ?? 'conflict'),
      );
    };

    await startProcess(ports, buggy)(createMessage('a'));

    expect(ports.published).toHaveLength(1);
  });

  it('is alerted by the next process where the one that was at it died', async () => {
    const ports = new MemoryPorts();
    const { publish } = ports.alerts;
    let isPublishing = false;
    ports.alerts.publish = () => {
      isPublishing = true;
      return new Promise(() => {});
    };
    const dying = startProcess(ports, buggy)(createMessage('a'));
    await until(() => isPublishing, 'the alert');
    ports.clock.advance(TIMEOUT_MS - 1);
    await dying;
    ports.alerts.publish = publish;

    await startProcess(ports, buggy)(createMessage('b'));
    expect(ports.published).toHaveLength(0);
    ports.clock.advance(60_000);
    await startProcess(ports, buggy)(createMessage('c'));

    expect(ports.published).toHaveLength(1);
  });

  it('does not delay its message during the alert: the attempt is recorded before', async () => {
    const ports = new MemoryPorts();
    ports.alerts.publish = () => new Promise(() => {});
    const last = createMessage('a', undefined, { envelope: { data: { text: 'hello' } } });
    const deliver = startProcess(ports, { ...buggy, retry: { maxRetries: 0 } });

    const batch = deliver(last);
    await until(() => ports.sentTo(DEAD_LETTER_QUEUE_URL).length === 1, 'the copy');
    ports.clock.advance(TIMEOUT_MS - 1);

    expect(await batch).toEqual([]);
  });

  it('has one fingerprint whatever its message quotes, and takes no time to find it', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      retry: { maxRetries: 0 },
      async handle({ data }) {
        throw new RangeError(`cannot read ${data.text}`);
      },
    });

    await deliver(...[1, 2, 3].map((n) => createMessage(`m${n}`, { text: `x\n    at evil${n} (file.js:${n}:1)` })));
    await deliver(createMessage('newlines', { text: '\n'.repeat(1_000_000) }));

    expect(ports.published).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'just text'],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['an object without prototype', Object.create(null)],
    ['an error that is its own cause', ownCause()],
    ['an error whose getters throw', hostileError()],
    ['an error whose message is a number', Object.assign(new Error('x'), { message: 5 })],
    ['a proxy whose traps throw', hostileProxy()],
    ['an error with a message of a megabyte', new RangeError('x'.repeat(1_048_576))],
    ['an error with a code of a megabyte', new TransientError('x'.repeat(1_048_576), 'long')],
  ])('may be anything: %s', async (_what, thrown) => {
    const ports = new MemoryPorts();

    const failures = await startProcess(ports, {
      handle: async () => {
        throw thrown;
      },
    })(createMessage('a'));

    expect(failures).toHaveLength(1);
    expect(recordOf(ports, 'a')?.attempts).toMatchObject([
      { code: expect.stringMatching(/^.{1,64}$/), reason: expect.stringMatching(/^.{1,1024}$/) },
    ]);
    expect(JSON.stringify(ports.published).length).toBeLessThan(256 * 1_024);
    expect(ports.auditLines).toMatchObject([{ fields: { outcome: 'retry' } }]);
  });
});

describe("An agent's own classify", () => {
  const failing = (classify: NonNullable<TestingOptions['classify']>): TestingOptions => ({
    classify,
    handle: async () => {
      throw new RangeError('out of stock');
    },
  });

  it('comes before that of the mesh', async () => {
    const ports = new MemoryPorts();

    await startProcess(
      ports,
      failing((error) => (error instanceof RangeError ? { kind: 'permanent', code: 'OutOfStock' } : undefined)),
    )(createMessage('a'));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code: 'OutOfStock', reason: 'out of stock' } });
    expect(ports.published).toEqual([]);
  });

  it.each<[string, NonNullable<TestingOptions['classify']>]>([
    ['says nothing', () => undefined],
    [
      'throws',
      () => {
        throw new Error('classify itself');
      },
    ],
    ['answers with something else', () => JSON.parse('{"kind": "odd", "code": 5}')],
  ])('leaves it to the mesh when it %s', async (_what, classify) => {
    const ports = new MemoryPorts();

    await startProcess(ports, failing(classify))(createMessage('a'));

    expect(recordOf(ports, 'a')?.attempts).toMatchObject([{ kind: 'unknown', code: 'RangeError' }]);
  });

  it('may ask for a delay', async () => {
    const ports = new MemoryPorts();

    await startProcess(
      ports,
      failing(() => ({ kind: 'transient', code: 'Later', retryAfterSeconds: 120 })),
    )(createMessage('a'));

    expect(ports.delays).toMatchObject([{ delaySeconds: 120 }]);
  });
});

describe('The log', () => {
  it('never contains the data or the credential', async () => {
    const ports = new MemoryPorts();
    const secret = 'SECRET-7f3a';
    const messageAttributes = { authorization: { stringValue: `Bearer ${secret}`, dataType: 'String' } };
    const deliver = startProcess(ports, {
      async handle({ id }, context) {
        await context.send('other', { text: secret });
        if (id === 'permanent') throw new PermanentError('Bad', 'bad');
        if (id === 'transient') throw new TransientError('Busy', 'later');
        if (id === 'bug') throw new RangeError('a bug');
        return secret;
      },
    });
    const ids = ['processed', 'permanent', 'transient', 'bug'];

    await deliver(
      ...ids.map((id) => createMessage(id, { text: secret }, { messageAttributes })),
      createMessage('invalid', { text: { [secret.length]: secret } }, { messageAttributes }),
      createMessage('type', { text: 5, note: secret }, { messageAttributes }),
      createRecord(secret, { messageAttributes }),
      createRecord(`{"id": ${secret}}`, { messageAttributes }),
      createRecord(`{"specversion": "${secret}", "id": {"a": "${secret}"}, "metadata": {"a": ["${secret}"]}}`, { messageAttributes }),
    );

    expect(ports.auditLines).toHaveLength(9);
    const text = JSON.stringify(ports.lines, (_key, value) =>
      value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
    );
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('Bearer');
    expect(JSON.stringify(ports.sentTo(ERROR_QUEUE_URL).map(({ attributes }) => attributes))).not.toContain('SECRET');
    expect(JSON.stringify(ports.records.map(({ result, outbox, ...record }) => record))).not.toContain('SECRET');
  });

  it('has one line for each message of a batch, whichever way it went', async () => {
    const ports = new MemoryPorts();
    ports.faults.write = (writes) => {
      if (writes.some(({ record }) => record.messageKey.endsWith('unwritable'))) throw new Error('DynamoDB is down');
    };

    await startProcess(ports)(createRecord('{'), createRecord(''), createRecord('null'), createRecord('[]'), createMessage('unwritable'));

    expect(ports.auditLines.map(({ fields }) => fields.outcome)).toHaveLength(5);
    for (const { fields } of ports.auditLines)
      expect(fields).toMatchObject({ outcome: expect.stringMatching(/^(retry|rejected)$/), receiveCount: 1, senderId: 'AIDAPRODUCER' });
  });
});

function ownCause(): Error {
  const error = new Error('its own cause');
  error.cause = error;
  return error;
}

function hostileError(): Error {
  const refuse = () => {
    throw new Error('do not look');
  };
  return Object.defineProperties(new Error('hidden'), {
    message: { get: refuse },
    name: { get: refuse },
    stack: { get: refuse },
    cause: { get: refuse },
    code: { get: refuse },
  });
}

function hostileProxy(): object {
  const refuse = () => {
    throw new Error('do not look');
  };
  return new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse });
}
