import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { digestOf } from '../../../../functions/runtime/content/content-access.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { leastOptions, recordOf, startAgent, startProcess, TIMEOUT_MS, until } from './testing-agent.ts';

describe('A message that hangs', () => {
  it('takes none of the nine beside it along, and is retried', async () => {
    const ports = new MemoryPorts();
    let reason: unknown;
    const deliver = startProcess(ports, {
      async handle({ data }, { signal }) {
        if (data.text !== 'hang') return;
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        await new Promise(() => {});
      },
    });
    const records = Array.from({ length: 10 }, (_, n) => createMessage(`m${n}`, { text: n === 4 ? 'hang' : 'good' }));

    const batch = deliver(...records);
    await until(() => ports.records.filter(({ outcome }) => outcome === 'processed').length === 9, 'the nine good ones');
    ports.clock.advance(TIMEOUT_MS - 2_000);
    const failures = await batch;

    expect(failures).toEqual([records[4]?.messageId]);
    expect(recordOf(ports, 'm4')).toMatchObject({ attempts: [{ code: 'DeadlineExceeded', kind: 'transient' }] });
    expect(reason).toMatchObject({ code: 'DeadlineExceeded' });
    expect(ports.clock.pendingTimers).toBe(0);
  });

  it('and sends after its deadline has no effect', async () => {
    const ports = new MemoryPorts();
    const late: unknown[] = [];
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        await new Promise((resolve) => setImmediate(resolve));
        await context.send('other', 'late').catch((error: unknown) => late.push(error));
      },
    });

    const batch = deliver(createMessage('a'));
    await until(() => ports.clock.pendingTimers === 2, 'the handler');
    ports.clock.advance(TIMEOUT_MS - 2_000);
    await batch;
    await until(() => late.length === 1, 'the late send');

    expect(late).toMatchObject([{ code: 'ContextClosed', kind: 'transient' }]);
    expect(ports.sent).toEqual([]);
    expect(recordOf(ports, 'a')).not.toHaveProperty('outbox');
  });
});

describe('What hangs outside the handler', () => {
  const forever = () => new Promise<never>(() => {});
  const slowSchema = z.object({ text: z.string() }).check(z.refine(async ({ text }) => text !== 'hang' || forever()));
  const bytes = Buffer.from('{"text":"stored"}');
  const key = digestOf(bytes).replace(':', '/');
  const claimCheck = { data: undefined, dataref: `s3://content/${key}`, datadigest: digestOf(bytes), datasize: bytes.byteLength };

  it.each<[string, (ports: MemoryPorts) => SQSRecord]>([
    [
      'a read of content',
      (ports) => {
        ports.content.get = forever;
        return createMessage('hanging', undefined, { envelope: claimCheck });
      },
    ],
    ['a schema', () => createMessage('hanging', { text: 'hang' })],
    [
      'a send',
      (ports) => {
        const { send } = ports.queue;
        ports.queue.send = (queueUrl, messages) => (queueUrl === inboxOf('hanging') ? forever() : send(queueUrl, messages));
        return createMessage('hanging', { text: 'send' });
      },
    ],
  ])('%s: the batch ends in time, its neighbours are done with, and it is said', async (_what, hang) => {
    const ports = new MemoryPorts();
    const message = hang(ports);
    const deliver = startAgent(
      ports,
      defineAgent<typeof slowSchema, string>({
        ...leastOptions,
        sendsTo: ['hanging'],
        input: slowSchema,
        handle: async ({ data }, context) => {
          if (data.text === 'send') await context.send('hanging', 'x');
        },
      }),
    );

    const batch = deliver(createMessage('a'), message, createMessage('b'));
    await until(() => ports.records.filter(({ outcome }) => outcome === 'processed').length >= 2, 'the good ones');
    ports.clock.advance(TIMEOUT_MS - 1);
    const failures = await batch;

    expect(failures).toEqual([message.messageId]);
    expect(ports.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'not finished at the end of the invocation; the message will be redelivered' }),
    );
    expect(ports.clock.pendingTimers).toBe(0);
  });

  it('is not waited for by the next invocation of the process', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    const { get } = ports.content;
    const message = createMessage('a', undefined, { envelope: claimCheck });
    ports.content.get = forever;
    const batch = deliver(message);
    await until(() => ports.requests.read === 1, 'the look-up');
    await new Promise((resolve) => setImmediate(resolve));
    ports.clock.advance(TIMEOUT_MS - 1);
    expect(await batch).toEqual([message.messageId]);

    ports.content.get = get;
    ports.stored.set(key, bytes);

    expect(await deliver(receivedAgain(message))).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
  });

  it('neither claims its message nor hides it when the process goes on later: both are another process’s by then', async () => {
    const ports = new MemoryPorts();
    let answer: (() => void) | undefined;
    const { read } = ports.ledger;
    ports.ledger.read = async (keys) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return read(keys);
    };
    const batch = startProcess(ports, { exclusive: true })(createMessage('a', { text: 'x' }));
    await until(() => answer !== undefined, 'the look-up');
    ports.clock.advance(TIMEOUT_MS - 1);
    await batch;

    ports.clock.advance(60_000);
    answer?.();
    await until(() => ports.auditLines.length === 1, 'the end of it');

    expect(ports.records).toEqual([]);
    expect(ports.delays).toEqual([]);
  });

  it('keeps nothing that was left over from being begun after the end', async () => {
    const ports = new MemoryPorts();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handled: string[] = [];
    const deliver = startProcess(ports, {
      async handle({ id }) {
        handled.push(id);
      },
    });
    const { read } = ports.ledger;
    ports.ledger.read = async (keys) => {
      await held;
      return read(keys);
    };
    const messages = [receivedAgain(createMessage('a')), receivedAgain(createMessage('b'))];
    const batch = deliver(...messages);
    ports.clock.advance(TIMEOUT_MS - 1);
    expect(await batch).toEqual(messages.map(({ messageId }) => messageId));

    release();
    await until(() => ports.requests.read >= 1, 'the late answer');
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));

    expect(handled).toEqual([]);
    expect(ports.delays).toEqual([]);
  });
});
