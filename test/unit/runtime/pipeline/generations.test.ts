import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, DEAD_LETTER_QUEUE_URL, ERROR_QUEUE_URL, leastOptions, recordOf, startAgent, startProcess } from './testing-agent.ts';

const text = (value: string) => ({ text: value });
const ofGeneration = (generation: number, id = 'a', data: unknown = text('hello')) => createMessage(id, data, { envelope: { generation } });

describe('The same id with other data', () => {
  it('is rejected as a conflict, recorded beside the first, once', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { handle: async ({ data }) => data.text });
    await deliver(createMessage('a', text('first')));
    const other = createMessage('a', text('second'));

    const failures = await deliver(other);
    await deliver(receivedAgain(other));

    expect(failures).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: 'first' });
    expect(ports.records).toHaveLength(2);
    expect(ports.records[1]).toMatchObject({ outcome: 'rejected', error: { code: 'Conflict' } });
    expect(ports.sentTo(ERROR_QUEUE_URL)).toMatchObject([{ body: other.body }, { body: other.body }]);
    expect(auditOf(ports, 'a')).toMatchObject({ fields: { outcome: 'duplicate' } });
  });

  it('is also a conflict if both have the same datadigest', async () => {
    const ports = new MemoryPorts();
    const datadigest = `sha-256:${'a'.repeat(64)}`;
    const send = (value: string) => createMessage('a', undefined, { envelope: { data: text(value), datadigest } });
    const deliver = startProcess(ports);

    await deliver(send('first'));
    await deliver(send('second'));

    expect(ports.sentTo(ERROR_QUEUE_URL)).toMatchObject([{ attributes: { 'posthorn-code': 'Conflict' } }]);
  });

  it('does not touch a message whose id looks like the key of the conflict', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { handle: async ({ data }) => data.text });
    await deliver(createMessage('a', text('second')));
    const digest = recordOf(ports, 'a')?.digest;
    await deliver(createMessage('b', text('first')), createMessage(`b ${digest}`, text('innocent')));

    await deliver(createMessage('b', text('second')));

    expect(recordOf(ports, `b ${digest}`)).toMatchObject({ outcome: 'processed', result: 'innocent' });
    expect(ports.sentTo(ERROR_QUEUE_URL)).toMatchObject([{ attributes: { 'posthorn-code': 'Conflict' } }]);
  });
});

describe('What a handler does to the data it is given', () => {
  const anything = z.looseObject({ text: z.string() });
  const changing = (handle: (attempt: number) => Promise<unknown>) =>
    defineAgent({
      ...leastOptions,
      input: anything,
      async handle({ data, attempt }) {
        const items: unknown = data.items;
        if (Array.isArray(items)) items.reverse();
        data.text = 'changed';
        return handle(attempt);
      },
    });
  const message = () => createMessage('a', { text: 'hello', items: [1, 2, 3] });

  it('does not make another message of it: a duplicate is one, and a retry is no conflict', async () => {
    const ports = new MemoryPorts();
    const deliver = startAgent(
      ports,
      changing(async (attempt) => {
        if (attempt === 1) throw new TransientError('Busy', 'later');
      }),
    );
    const first = message();

    await deliver(first);
    await deliver(receivedAgain(first));
    await deliver(message());

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [{ code: 'Busy' }] });
    expect(ports.records).toHaveLength(1);
    expect(ports.sentTo(ERROR_QUEUE_URL)).toEqual([]);
  });

  it('does not keep its outbox from being sent again', async () => {
    const ports = new MemoryPorts();
    const agent = defineAgent({
      ...leastOptions,
      input: anything,
      async handle({ data }, context) {
        data.text = 'changed';
        await context.send('other', data);
      },
    });
    ports.faults.send = () => {
      throw new Error('SQS is down');
    };
    const first = message();
    await startAgent(ports, agent)(first);
    ports.faults.send = undefined;

    expect(await startAgent(ports, agent)(receivedAgain(first))).toEqual([]);
    expect(ports.sentTo(inboxOf('other'))).toHaveLength(1);
  });

  it('cannot reach the envelope', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle({ envelope, metadata }) {
        for (const change of [() => Reflect.set(envelope, 'id', 'b'), () => Reflect.set(metadata, 'language', 'de')])
          expect(change()).toBe(false);
      },
    });

    await deliver(createMessage('a', { text: 'x' }, { envelope: { metadata: { language: 'en' } } }));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
  });
});

describe('A redriven message', () => {
  it('is handled again after it was rejected or dead-lettered, with a new count of attempts', async () => {
    const ports = new MemoryPorts();
    let isFixed = false;
    const deliver = startProcess(ports, {
      async handle({ attempt, generation }) {
        if (!isFixed) throw new PermanentError('Bug', 'not fixed yet');
        return { attempt, generation };
      },
    });
    await deliver(createMessage('a'));
    isFixed = true;

    const failures = await deliver(ofGeneration(1));

    expect(failures).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'processed',
      generation: 1,
      result: { attempt: 1, generation: 1 },
      attempts: [],
    });
    expect(recordOf(ports, 'a')).not.toHaveProperty('error');
  });

  it('makes late duplicates of older generations go without any effect', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, { handle: async () => ++handled });
    await deliver(ofGeneration(2));

    const failures = await deliver(createMessage('a'), ofGeneration(1), ofGeneration(2));

    expect(failures).toEqual([]);
    expect(handled).toBe(1);
    expect(ports.sent).toEqual([]);
    expect(ports.auditLines.slice(1).map(({ fields }) => fields.outcome)).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  it('is a duplicate when it was processed meanwhile', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, { handle: async () => ++handled });
    await deliver(createMessage('a'));

    const failures = await deliver(ofGeneration(1));

    expect(failures).toEqual([]);
    expect(handled).toBe(1);
    expect(auditOf(ports, 'a')).toMatchObject({ fields: { outcome: 'duplicate' } });
  });

  it('is a conflict when it brings other data, processed or not, and does not keep the first from being redriven', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { handle: async ({ data }) => data.text });
    await deliver(createMessage('processed'), createMessage('rejected', { text: 5 }));

    await deliver(ofGeneration(1, 'processed', text('other')), ofGeneration(1, 'rejected', text('other')));
    await deliver(ofGeneration(2, 'rejected', text('other')));
    await deliver(ofGeneration(1, 'rejected', { text: 5 }));

    expect(recordOf(ports, 'processed')).toMatchObject({ outcome: 'processed', result: 'hello', generation: 0 });
    expect(recordOf(ports, 'rejected')).toMatchObject({ outcome: 'rejected', generation: 1, error: { code: 'ValidationError' } });
    expect(ports.sentTo(ERROR_QUEUE_URL).map(({ attributes }) => [attributes['posthorn-code'], attributes['posthorn-generation']])).toEqual(
      [
        ['ValidationError', '0'],
        ['Conflict', '1'],
        ['Conflict', '1'],
        ['Conflict', '2'],
        ['ValidationError', '1'],
      ],
    );
  });

  it('that failed once more has its generation on the copy', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      retry: { maxRetries: 0 },
      handle: async () => {
        throw new RangeError('still broken');
      },
    });

    await deliver(ofGeneration(3));

    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toMatchObject([
      { attributes: { 'posthorn-generation': '3', 'posthorn-code': 'RangeError' } },
    ]);
  });
});
