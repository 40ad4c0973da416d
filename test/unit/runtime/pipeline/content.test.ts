import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../functions/runtime/agent/agent.ts';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { type Content, content } from '../../../../functions/runtime/content/content.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { envelopesTo, leastOptions, recordOf, startAgent, startProcess } from './testing-agent.ts';

const OTHER = inboxOf('other');

/** Puts bytes into the bucket. @returns the attributes that refer to them */
function store(ports: MemoryPorts, bytes: string | Uint8Array, overrides: Readonly<Record<string, unknown>> = {}) {
  const hex = createHash('sha256').update(bytes).digest('hex');
  ports.stored.set(`sha-256/${hex}`, Buffer.from(bytes));
  return {
    data: undefined,
    dataref: `s3://content/sha-256/${hex}`,
    datadigest: `sha-256:${hex}`,
    datasize: Buffer.from(bytes).byteLength,
    ...overrides,
  };
}

const readingAgent = (handle: (message: Message<Content>) => Promise<unknown>) =>
  defineAgent({ ...leastOptions, input: content('text/plain', 'application/pdf'), handle });

describe('Data behind a claim check', () => {
  it('is what an agent gets that was sent more than 8 KiB; the queue carries the reference', async () => {
    const ports = new MemoryPorts();
    const large = 'ö'.repeat(5_000);
    await startProcess(ports, { handle: (_message, context) => context.send('other', { text: large }) })(createMessage('a'));
    const [envelope] = envelopesTo(ports, OTHER);
    const seen: string[] = [];

    await startProcess(ports, { handle: async ({ data }) => void seen.push(data.text) })(
      createMessage('b', undefined, { envelope: { ...envelope, id: 'b', source: '/tests', data: undefined } }),
    );

    expect(envelope).not.toHaveProperty('data');
    expect(envelope).toMatchObject({
      datacontenttype: 'application/json',
      datasize: 10_011,
      dataref: expect.stringMatching(/^s3:\/\/content\/sha-256\//),
    });
    expect(seen).toEqual([large]);
  });

  it('is sent inline up to 8 KiB, counted in bytes', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        await context.send('other', 'x'.repeat(8_190));
        await context.send('other', 'x'.repeat(8_191));
      },
    });

    await deliver(createMessage('a'));

    expect(envelopesTo(ports, OTHER).map((envelope) => 'data' in envelope)).toEqual([true, false]);
  });

  it.each<[string, (ports: MemoryPorts) => Readonly<Record<string, unknown>>, string]>([
    ['has other bytes than the digest says', (ports) => tampered(ports), 'ContentMismatch'],
    ['is of another size', (ports) => store(ports, '{"text":"a"}', { datasize: 11 }), 'ContentMismatch'],
    ['is not there', (ports) => gone(ports), 'ContentMismatch'],
    ['is in a foreign bucket', (ports) => store(ports, '{"text":"a"}', { dataref: 's3://elsewhere/sha-256/1' }), 'ContentRefused'],
    ['is at a URL', (ports) => store(ports, '{"text":"a"}', { dataref: 'http://169.254.169.254/latest/meta-data' }), 'ContentRefused'],
    ['is not under its digest', (ports) => store(ports, '{"text":"a"}', { dataref: 's3://content/other' }), 'ContentRefused'],
    ['is said to be too large', (ports) => store(ports, '{"text":"a"}', { datasize: 32 * 1_048_576 + 1 }), 'ContentTooLarge'],
    ['is not UTF-8', (ports) => store(ports, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), 'ContentMismatch'],
    ['is no JSON', (ports) => store(ports, 'plain text'), 'ContentMismatch'],
    ['is nested 10,000 deep', (ports) => store(ports, '['.repeat(10_000) + ']'.repeat(10_000)), 'ContentMismatch'],
    ['would change a prototype', (ports) => store(ports, '{"text":"a","__proto__":{"isAdmin":true}}'), 'ContentMismatch'],
  ])('is rejected when it %s', async (_what, put, code) => {
    const ports = new MemoryPorts();
    let handled = 0;

    const failures = await startProcess(ports, { handle: async () => ++handled })(createMessage('a', undefined, { envelope: put(ports) }));

    expect(failures).toEqual([]);
    expect(handled).toBe(0);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code } });
  });

  it('is rejected for a wrong size whether or not a warm process has the content', async () => {
    const ports = new MemoryPorts();
    const right = store(ports, '{"text":"a"}');
    const deliver = startProcess(ports);
    await deliver(createMessage('right', undefined, { envelope: right }));

    await deliver(createMessage('wrong', undefined, { envelope: { ...right, datasize: 11 } }));

    expect(recordOf(ports, 'right')).toMatchObject({ outcome: 'processed' });
    expect(recordOf(ports, 'wrong')).toMatchObject({ error: { code: 'ContentMismatch' } });
  });

  it('is tried again while the store does not answer', async () => {
    const ports = new MemoryPorts();
    const record = createMessage('a', undefined, { envelope: store(ports, '{"text":"a"}') });
    ports.faults.get = () => {
      throw new Error('503 Slow Down');
    };
    const deliver = startProcess(ports);

    const failures = await deliver(record);
    ports.faults.get = undefined;
    const later = await deliver(receivedAgain(record));

    expect([failures, later]).toEqual([[record.messageId], []]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [{ code: 'ContentStoreUnavailable' }] });
  });

  it('is fetched once for ten messages and for a warm process', async () => {
    const ports = new MemoryPorts();
    const envelope = store(ports, '{"text":"a"}');
    const deliver = startProcess(ports);

    await deliver(...Array.from({ length: 10 }, (_, n) => createMessage(`m${n}`, undefined, { envelope })));
    await deliver(createMessage('later', undefined, { envelope }));

    expect(ports.requests.get).toBe(1);
    expect(ports.records.every(({ outcome }) => outcome === 'processed')).toBe(true);
  });
});

describe('Content that is not JSON', () => {
  it('is fetched when it is asked for, and not before', async () => {
    const ports = new MemoryPorts();
    const envelope = store(ports, 'a letter', { datacontenttype: 'Text/Plain; charset=utf-8' });
    const texts: string[] = [];
    const skim = startAgent(
      ports,
      readingAgent(async ({ data }) => data.sizeBytes),
    );
    const read = startAgent(
      ports,
      readingAgent(async ({ data }) => void texts.push(await data.text())),
    );

    await skim(createMessage('a', undefined, { envelope }));
    expect(ports.requests.get).toBe(0);
    await read(createMessage('b', undefined, { envelope }));

    expect(recordOf(ports, 'a')).toMatchObject({ result: 8 });
    expect(texts).toEqual(['a letter']);
  });

  it('may come inline as a string, of a type that the agent takes', async () => {
    const ports = new MemoryPorts();
    const deliver = startAgent(
      ports,
      readingAgent(async ({ data }) => [await data.text(), data.sizeBytes]),
    );

    await deliver(
      createMessage('text', 'größer', { envelope: { datacontenttype: 'text/plain' } }),
      createMessage('html', '<p>', { envelope: { datacontenttype: 'text/html' } }),
      createMessage('object', {}, { envelope: { datacontenttype: 'text/plain' } }),
    );

    expect(recordOf(ports, 'text')).toMatchObject({ outcome: 'processed', result: ['größer', 8] });
    expect(recordOf(ports, 'html')).toMatchObject({
      error: { code: 'ValidationError', reason: expect.stringContaining('application/pdf') },
    });
    expect(recordOf(ports, 'object')).toMatchObject({ error: { code: 'ContentMismatch' } });
  });

  it("that is not UTF-8 is the sender's fault when the agent reads it as text", async () => {
    const ports = new MemoryPorts();
    const envelope = store(ports, new Uint8Array([0xc3, 0x28]), { datacontenttype: 'text/plain' });

    await startAgent(
      ports,
      readingAgent(({ data }) => data.text()),
    )(createMessage('a', undefined, { envelope }));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code: 'ContentMismatch' } });
  });

  it('that one handler changes or hands away is whole for the next', async () => {
    const ports = new MemoryPorts();
    const envelope = store(ports, 'a letter', { datacontenttype: 'text/plain' });
    const deliver = startAgent(
      ports,
      readingAgent(async ({ data }) => {
        const bytes = await data.bytes();
        const text = Buffer.from(bytes).toString();
        bytes.fill(0);
        if (bytes.buffer instanceof ArrayBuffer) structuredClone(bytes, { transfer: [bytes.buffer] });
        return text;
      }),
    );

    await deliver(createMessage('a', undefined, { envelope }));
    await deliver(createMessage('b', undefined, { envelope }));

    expect(recordOf(ports, 'b')).toMatchObject({ outcome: 'processed', result: 'a letter' });
  });
});

function tampered(ports: MemoryPorts) {
  const attributes = store(ports, '{"text":"a"}');
  ports.stored.set(attributes.dataref.replace('s3://content/', ''), Buffer.from('{"text":"b"}'));
  return attributes;
}

function gone(ports: MemoryPorts) {
  const attributes = store(ports, '{"text":"a"}');
  ports.stored.clear();
  return attributes;
}
