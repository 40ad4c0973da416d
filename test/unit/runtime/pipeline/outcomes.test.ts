import { describe, expect, it } from 'vitest';
import { HttpError, PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, DEAD_LETTER_QUEUE_URL, ERROR_QUEUE_URL, envelopesTo, REPLIES_URL, recordOf, startProcess } from './testing-agent.ts';

describe('The outcome of a message', () => {
  it('is processed: result and outbox in one write, then the outbox is sent and SQS may delete it', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle({ data }, context) {
        await context.send('other', { heard: data.text });
        await context.reply('done');
        return { length: data.text.length };
      },
    });

    const failures = await deliver(createMessage('a'));

    expect(failures).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: { length: 5 }, attempts: [], generation: 0 });
    expect(ports.requests).toMatchObject({ read: 1, write: 1, send: 2 });
    expect(envelopesTo(ports, 'https://sqs.test/other-inbox')).toMatchObject([{ data: { heard: 'hello' }, causationid: 'a' }]);
    expect(envelopesTo(ports, REPLIES_URL)).toMatchObject([{ data: 'done', correlationid: 'a' }]);
    expect(auditOf(ports, 'a')).toMatchObject({ level: 'info', fields: { outcome: 'processed', senderId: 'AIDAPRODUCER' } });
  });

  it.each([
    ['an envelope that is none', createRecord('{"specversion":"0.3"}', { messageId: 'x' }), 'InvalidEnvelope', 'unopened:testing x'],
    ['no JSON', createRecord('not json', { messageId: 'x' }), 'InvalidEnvelope', 'unopened:testing x'],
    ['data that the schema refuses', createMessage('x', { text: 5 }), 'ValidationError', 'testing /tests x'],
    [
      'a message that has expired',
      createMessage('x', { text: 'a' }, { envelope: { expirytime: '2025-12-31T23:59:59Z' } }),
      'Expired',
      'testing /tests x',
    ],
    [
      'a foreign bucket',
      createMessage('x', undefined, { envelope: claimCheck('s3://elsewhere/key') }),
      'ContentRefused',
      'testing /tests x',
    ],
    [
      'content that is not there',
      createMessage('x', undefined, { envelope: claimCheck(`s3://content/sha-256/${'0'.repeat(64)}`) }),
      'ContentMismatch',
      'testing /tests x',
    ],
  ])('is rejected for %s, with code and reason, the message itself untouched', async (_what, record, code, key) => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);

    const failures = await deliver(record);

    expect(failures).toEqual([]);
    expect(ports.recordAt(key)).toMatchObject({
      outcome: 'rejected',
      error: { code, kind: 'permanent', reason: expect.stringMatching(/.+/) },
    });
    expect(ports.sentTo(ERROR_QUEUE_URL)).toEqual([
      {
        body: record.body,
        attributes: {
          'posthorn-outcome': 'rejected',
          'posthorn-code': code,
          'posthorn-reason': expect.stringMatching(/.+/),
          'posthorn-agent': 'testing',
          'posthorn-generation': '0',
          'posthorn-attempts': '1',
          'posthorn-failedat': '2026-01-01T00:00:00.000Z',
        },
      },
    ]);
    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toEqual([]);
    expect(ports.auditLines).toMatchObject([{ level: 'warn', fields: { outcome: 'rejected', code } }]);
  });

  it('is rejected at once for a permanent error of the handler, and nothing that it sent is seen', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        await context.send('other', 'never seen');
        throw new PermanentError('Declined', 'the card was declined');
      },
    });

    await deliver(createMessage('a'));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code: 'Declined', reason: 'the card was declined' } });
    expect(recordOf(ports, 'a')).not.toHaveProperty('outbox');
    expect(ports.sent.map(({ queueUrl }) => queueUrl)).toEqual([ERROR_QUEUE_URL]);
    expect(ports.published).toEqual([]);
  });

  it('is dead-lettered after three retries of a transient error, each later than the one before', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        handled++;
        await context.send('other', 'never seen');
        throw new HttpError(503, 'HTTP 503');
      },
    });
    let record = createMessage('a');
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await deliver(record)).toEqual([record.messageId]);
      expect(recordOf(ports, 'a')).not.toHaveProperty('outcome');
      expect(recordOf(ports, 'a')?.attempts).toHaveLength(attempt);
      expect(auditOf(ports, 'a')).toMatchObject({ level: 'warn', fields: { outcome: 'retry', code: 'Http503', failedAttempts: attempt } });
      record = receivedAgain(record);
    }

    const failures = await deliver(record);

    expect(failures).toEqual([]);
    expect(handled).toBe(4);
    expect(ports.delays.map(({ receiptHandle }) => receiptHandle)).toEqual(Array(3).fill(record.receiptHandle));
    for (const [index, { delaySeconds }] of ports.delays.entries()) {
      expect(delaySeconds).toBeGreaterThanOrEqual(1);
      expect(delaySeconds).toBeLessThanOrEqual(2 ** index);
    }
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'dead-lettered', error: { code: 'Http503', kind: 'transient' } });
    expect(ports.sent).toHaveLength(1);
    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toMatchObject([
      { body: record.body, attributes: { 'posthorn-outcome': 'dead-lettered', 'posthorn-attempts': '4', 'posthorn-code': 'Http503' } },
    ]);
    expect(auditOf(ports, 'a')).toMatchObject({ level: 'error', fields: { outcome: 'dead-lettered' } });
  });

  it('is processed when a retry succeeds, with that attempt number', async () => {
    const ports = new MemoryPorts();
    const attempts: number[] = [];
    const deliver = startProcess(ports, {
      async handle({ attempt }) {
        attempts.push(attempt);
        if (attempt < 3) throw new TransientError('Busy', 'later');
      },
    });

    let record = createMessage('a');
    for (let receive = 0; receive < 3; receive++) {
      await deliver(record);
      record = receivedAgain(record);
    }

    expect(attempts).toEqual([1, 2, 3]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [{ code: 'Busy' }, { code: 'Busy' }] });
    expect(ports.sent).toEqual([]);
  });

  it('waits for the Retry-After time', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async () => {
        throw new HttpError(429, 'HTTP 429', { retryAfter: '40' });
      },
    });

    await deliver(createMessage('a'));

    expect(ports.delays).toMatchObject([{ delaySeconds: 40 }]);
  });

  it('is redelivered without a counted attempt if the ledger cannot be read', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    ports.faults.read = () => {
      throw new Error('throttled');
    };

    const record = createMessage('a');
    const failures = await deliver(record);
    ports.faults.read = undefined;
    const later = await deliver(receivedAgain(record));

    expect([failures, later]).toEqual([[record.messageId], []]);
    expect(ports.auditLines[0]).toMatchObject({ level: 'warn', fields: { outcome: 'retry', error: { cause: { message: 'throttled' } } } });
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [] });
  });

  it('does not depend on the delay being set', async () => {
    const ports = new MemoryPorts();
    ports.faults.changeVisibility = () => {
      throw new Error('receipt expired');
    };
    const deliver = startProcess(ports, {
      handle: async () => {
        throw new TransientError('Busy', 'later');
      },
    });

    expect(await deliver(createMessage('a'))).toHaveLength(1);
    expect(recordOf(ports, 'a')?.attempts).toHaveLength(1);
  });

  it('is separate for each message of a mixed batch, with one audit line each', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle({ data }) {
        if (data.text === 'permanent') throw new PermanentError('Bad', 'bad');
        if (data.text === 'transient') throw new TransientError('Busy', 'later');
        if (data.text === 'bug') throw new RangeError('a bug');
      },
    });
    const texts = ['good', 'permanent', 'good', 'transient', 'bug', 'good', 'good'];

    const failures = await deliver(
      ...texts.map((text, index) => createMessage(`m${index}`, { text }, { messageId: `s${index}` })),
      createRecord('{', { messageId: 's7' }),
    );

    expect(failures).toEqual(['s3', 's4']);
    expect(ports.records.map(({ outcome }) => outcome ?? 'open').toSorted()).toEqual([
      'open',
      'open',
      'processed',
      'processed',
      'processed',
      'processed',
      'rejected',
      'rejected',
    ]);
    expect(ports.auditLines).toHaveLength(8);
    // All messages together, and then whether the bug was alerted before.
    expect(ports.requests.read).toBe(2);
  });

  it('takes the Lambda context of an empty batch', async () => {
    expect(await startProcess(new MemoryPorts())()).toEqual([]);
  });
});

function claimCheck(dataref: string) {
  return { data: undefined, dataref, datadigest: `sha-256:${'0'.repeat(64)}`, datasize: 10 };
}
