import { describe, expect, it } from 'vitest';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, DEAD_LETTER_QUEUE_URL, ERROR_QUEUE_URL, envelopesTo, recordOf, startProcess, until } from './testing-agent.ts';

const OTHER = inboxOf('other');

describe('The commit', () => {
  it('of two processes at once: the first wins, and what it sent is what both send', async () => {
    const ports = new MemoryPorts();
    let arrived = 0;
    const act = (answer: string) => ({
      async handle(_message: unknown, context: { send(target: string, data: unknown): Promise<void> }) {
        await context.send('other', answer);
        arrived++;
        await until(() => arrived === 2, 'both processes');
        return answer;
      },
    });
    const [first, second] = [startProcess(ports, act('one')), startProcess(ports, act('two'))];

    const failures = await Promise.all([first(createMessage('a', undefined, same)), second(createMessage('a', undefined, same))]);

    expect(failures).toEqual([[], []]);
    const winner = recordOf(ports, 'a')?.result;
    const sent = envelopesTo(ports, OTHER);
    expect(['one', 'two']).toContain(winner);
    expect(sent.map(({ data }) => data)).toEqual([winner, winner]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(ports.auditLines.map(({ fields }) => fields.outcome).toSorted()).toEqual(['duplicate', 'processed']);
  });

  it('whose answer was lost and that was tried again by the SDK is recognised as its own', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { handle: async (_message, context) => context.send('other', 1) });
    // The SDK's second try finds the first one's write, which had the same revision.
    const write = ports.ledger.write;
    Object.assign(ports.ledger, {
      write: async (writes: Parameters<typeof write>[0]) => {
        await write(writes);
        return write(writes);
      },
    });

    expect(await deliver(createMessage('a'))).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    expect(ports.sentTo(OTHER)).toHaveLength(1);
    expect(auditOf(ports, 'a')).toMatchObject({ fields: { outcome: 'processed' } });
  });

  it('of which it is not known whether it was applied sends nothing; the next receive finds out', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        handled++;
        await context.send('other', handled);
      },
    });
    ports.faults.written = () => {
      throw new Error('connection reset');
    };
    const record = createMessage('a');

    const failures = await deliver(record);
    expect(ports.sent).toEqual([]);
    ports.faults.written = undefined;
    const later = await deliver(receivedAgain(record));

    expect([failures, later]).toEqual([[record.messageId], []]);
    expect(handled).toBe(1);
    expect(envelopesTo(ports, OTHER)).toMatchObject([{ data: 1 }]);
  });

  it('is followed by the outbox, again on each duplicate with the same ids and bytes until it is sent', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        handled++;
        await context.send('other', Math.random());
      },
    });
    ports.faults.send = () => {
      throw new Error('SQS is down');
    };
    const record = createMessage('a');

    expect(await deliver(record)).toEqual([record.messageId]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    ports.faults.send = undefined;
    expect(await deliver(receivedAgain(record))).toEqual([]);
    expect(await deliver(receivedAgain(record))).toEqual([]);

    expect(handled).toBe(1);
    const bodies = ports.sentTo(OTHER).map(({ body }) => body);
    expect(bodies).toHaveLength(2);
    expect(new Set(bodies).size).toBe(1);
    expect(auditOf(ports, 'a')).toMatchObject({ fields: { outcome: 'duplicate' } });
  });

  it('keeps a result and an outbox that are too large for the ledger as content, and sends that outbox again too', async () => {
    const ports = new MemoryPorts();
    const texts = Array.from({ length: 6 }, (_, n) => String(n).repeat(4_000));
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        for (const text of texts) await context.send('other', text);
        return 'ö'.repeat(10_000);
      },
    });
    const record = createMessage('a');

    await deliver(record);
    // Another process, with nothing cached.
    await startProcess(ports)(receivedAgain(record));

    const kept = recordOf(ports, 'a');
    expect(kept).toMatchObject({ outcome: 'processed', outbox: [], outboxRef: { contentType: 'application/json' } });
    expect(kept).toMatchObject({ resultRef: { sizeBytes: 20_002 } });
    expect(kept).not.toHaveProperty('result');
    expect(envelopesTo(ports, OTHER).map(({ data }) => data)).toEqual([...texts, ...texts]);
  });

  it('of a rejection is sent to the error queue once more when the process died in between', async () => {
    const ports = new MemoryPorts();
    let isDown = true;
    ports.faults.send = () => {
      if (isDown) throw new Error('died');
    };
    const deliver = startProcess(ports, {
      handle: async () => {
        throw new PermanentError('Bad', 'bad');
      },
    });
    const records = [createMessage('a'), createRecord('{"no": "envelope"}')];

    expect(await deliver(...records)).toHaveLength(2);
    isDown = false;
    expect(await deliver(...records.map(receivedAgain))).toEqual([]);

    expect(
      ports
        .sentTo(ERROR_QUEUE_URL)
        .map(({ body }) => body)
        .toSorted(),
    ).toEqual(records.map(({ body }) => body).toSorted());
    expect(ports.records.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected']);
  });

  it('of five copies, concurrently and one after the other, is one', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const act = { handle: async () => ++handled };
    const copies = () => Array.from({ length: 5 }, () => createMessage('a'));

    await startProcess(ports, act)(...copies());
    await Promise.all(copies().map((copy) => startProcess(ports, act)(copy)));

    expect(handled).toBe(1);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: 1 });
    expect(ports.auditLines).toHaveLength(10);
  });

  it('is not reached early by copies in one batch: they wait for the retry of the first', async () => {
    const ports = new MemoryPorts();
    const copies = Array.from({ length: 5 }, () => createMessage('a'));
    const deliver = startProcess(ports, {
      handle: async () => {
        throw new TransientError('Busy', 'later', { retryAfterSeconds: 7 });
      },
    });

    const failures = await deliver(...copies);

    expect(failures).toEqual(copies.map(({ messageId }) => messageId));
    expect(recordOf(ports, 'a')?.attempts).toHaveLength(1);
    expect(ports.delays).toEqual(copies.map(({ receiptHandle }) => ({ receiptHandle, delaySeconds: 7 })));
    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toEqual([]);
  });
});

describe('A copy on the error queue', () => {
  it('over 1 MiB together with its attributes is content, byte for byte', async () => {
    const ports = new MemoryPorts();
    const body = `{"x": "${'ä'.repeat(524_280)}"}`;
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_048_576);

    await startProcess(ports)(createRecord(body));

    const [copy] = ports.sentTo(ERROR_QUEUE_URL);
    expect(copy?.body).toBe('{}');
    expect(copy?.attributes).toMatchObject({ 'posthorn-outcome': 'rejected', 'posthorn-code': 'InvalidEnvelope' });
    const key = copy?.attributes['posthorn-original']?.replace('s3://content/', '');
    expect(Buffer.from(ports.stored.get(key ?? '') ?? []).toString()).toBe(body);
  });

  it('is not sent, and nothing lost, while its content cannot be stored', async () => {
    const ports = new MemoryPorts();
    ports.faults.put = () => {
      throw new Error('S3 is down');
    };
    const record = createRecord('x'.repeat(1_048_576));
    const deliver = startProcess(ports);

    expect(await deliver(record)).toEqual([record.messageId]);
    ports.faults.put = undefined;
    expect(await deliver(receivedAgain(record))).toEqual([]);
    expect(ports.sentTo(ERROR_QUEUE_URL)).toHaveLength(1);
  });

  it('carries a reason in characters that SQS takes', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async () => {
        throw new PermanentError('', `\u0000\uD800\uFFFF${'x'.repeat(5_000)}`);
      },
    });

    await deliver(createMessage('a'));

    const { 'posthorn-code': code, 'posthorn-reason': reason } = ports.sentTo(ERROR_QUEUE_URL)[0]?.attributes ?? {};
    expect(code).toBe('PermanentError');
    expect(reason).toMatch(/^\uFFFD{3}x{1021}$/);
  });
});

const same = { envelope: { data: { text: 'hello' } } };
