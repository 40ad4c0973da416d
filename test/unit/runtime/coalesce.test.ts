import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import { chunkBySize, coalesce, sizeOf } from '../../../functions/runtime/batch/coalesce.ts';
import { MemoryPorts } from '../../helpers/memory-ports.ts';

const MIB = 1_048_576;
const ofSize = (bytes: number) => ({ body: 'x'.repeat(bytes), attributes: {} });
const write = (messageKey: string, revision: string, expectedRevision?: string) => {
  const record: LedgerRecord = {
    messageKey,
    revision,
    agent: 'a',
    generation: 0,
    digest: 'd',
    sender: 's',
    startedAt: 0,
    attempts: [],
    expiresAt: 0,
  };
  return { record, expectedRevision };
};

describe('sizeOf', () => {
  it('counts bytes of the body, and name, type and value of each attribute', () => {
    expect(sizeOf({ body: 'ö🙂', attributes: {} })).toBe(6);
    expect(sizeOf({ body: '', attributes: { name: 'wért' } })).toBe(4 + 6 + 5);
  });
});

describe('chunkBySize', () => {
  it.each([
    ['nothing', [], []],
    ['one that fills it', [MIB], [[MIB]]],
    ['two that fill it', [MIB / 2, MIB / 2], [[MIB / 2, MIB / 2]]],
    ['a byte too many', [MIB / 2, MIB / 2 + 1], [[MIB / 2], [MIB / 2 + 1]]],
    ['one that SQS will refuse alone', [1, MIB + 1, 1], [[1], [MIB + 1], [1]]],
  ])('splits %s', (_what, sizes, expected) => {
    expect(chunkBySize(sizes.map(ofSize)).map((chunk) => chunk.map(({ body }) => body.length))).toEqual(expected);
  });
});

describe('coalesce', () => {
  it('asks for each key once, in one request', async () => {
    const ports = new MemoryPorts();
    const io = coalesce(ports);
    await io.writeRecord(write('k', 'r'));

    const records = await Promise.all(['k', 'unknown', 'k'].map((key) => io.readRecord(key)));

    expect(records.map((record) => record?.revision)).toEqual(['r', undefined, 'r']);
    expect(ports.requests.read).toBe(1);
  });

  it('writes twenty-five in a request, and one item only once in each', async () => {
    const ports = new MemoryPorts();
    const io = coalesce(ports);

    const answers = await Promise.all(
      [...Array.from({ length: 26 }, (_, n) => write(`k${n}`, 'r')), write('k25', 'other')].map(io.writeRecord),
    );

    expect(answers).toEqual([...Array<string>(26).fill('written'), 'conflict']);
    expect(ports.requests.write).toBe(3);
  });

  it('reports to each caller its own failure', async () => {
    const ports = new MemoryPorts();
    const io = coalesce({
      ...ports,
      queue: {
        ...ports.queue,
        send: async (_url, messages) => messages.map(({ body }) => (body === 'bad' ? new Error('refused') : undefined)),
      },
    });

    const answers = await Promise.allSettled(['good', 'bad', 'good'].map((body) => io.send('q', { body, attributes: {} })));

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails every caller of a request that fails, and no other', async () => {
    const ports = new MemoryPorts();
    const io = coalesce(ports);
    ports.faults.send = (queueUrl) => {
      if (queueUrl === 'down') throw new Error('down');
    };

    const answers = await Promise.allSettled(['down', 'up', 'down'].map((url) => io.send(url, { body: 'x', attributes: {} })));

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    await expect(io.send('up', { body: 'x', attributes: {} })).resolves.toBeUndefined();
  });
});
