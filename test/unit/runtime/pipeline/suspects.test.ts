import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, recordOf, startProcess, TIMEOUT_MS } from './testing-agent.ts';

describe('A suspect, received before without a failure on record', () => {
  it('is handled after the others and alone, under a claim', async () => {
    const ports = new MemoryPorts();
    const order: string[] = [];
    const running = new Set<string>();
    const deliver = startProcess(ports, {
      async handle({ id }) {
        order.push(`${id} beside ${running.size}`);
        running.add(id);
        await new Promise((resolve) => setImmediate(resolve));
        if (id.startsWith('suspect')) expect(recordOf(ports, id)).toHaveProperty('claim');
        running.delete(id);
      },
    });

    const failures = await deliver(
      createMessage('suspect-1', undefined, { receiveCount: 2, envelope: data }),
      createMessage('new-1', undefined, { envelope: data }),
      createMessage('suspect-2', undefined, { receiveCount: 3, envelope: data }),
      createMessage('new-2', undefined, { envelope: data }),
    );

    expect(failures).toEqual([]);
    // Who has the fewest receives left comes first.
    expect(order).toEqual(['new-1 beside 0', 'new-2 beside 1', 'suspect-2 beside 0', 'suspect-1 beside 0']);
    expect(ports.records.every(({ claim }) => claim === undefined)).toBe(true);
  });

  it('on which a process died before goes last', async () => {
    const ports = new MemoryPorts();
    const order: string[] = [];
    // Dies on b: the claim stays.
    const died = createMessage('b', undefined, { receiveCount: 2, envelope: data });
    await startProcess(ports, {
      async handle() {
        ports.faults.write = () => {
          throw new Error('died');
        };
      },
    })(died);
    ports.faults.write = undefined;
    ports.clock.advance(TIMEOUT_MS + 1);

    await startProcess(ports, { handle: async ({ id }) => void order.push(id) })(
      receivedAgain(died),
      createMessage('c', undefined, { receiveCount: 3, envelope: data }),
    );

    expect(order).toEqual(['c', 'b']);
    expect(recordOf(ports, 'b')).toMatchObject({ outcome: 'processed', attempts: [{ code: 'Abandoned' }] });
  });

  it('is none whose failures are all on record, nor one that has ended', async () => {
    const ports = new MemoryPorts();
    const failing = createMessage('a');
    const finished = createMessage('b');
    await startProcess(ports, {
      async handle({ id }) {
        if (id === 'a') throw new TransientError('Busy', 'later');
      },
    })(failing, finished);
    const claimed: boolean[] = [];

    await startProcess(ports, {
      async handle({ id }) {
        claimed.push(recordOf(ports, id)?.claim !== undefined);
      },
    })(receivedAgain(failing), receivedAgain(finished));

    expect(claimed).toEqual([false]);
  });

  it('that comes in copies is attempted once an invocation; the others wait for the time of the next attempt', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const copies = [2, 3, 2].map((receiveCount) => createMessage('a', undefined, { receiveCount, envelope: data }));

    const failures = await startProcess(ports, {
      async handle() {
        handled++;
        throw new TransientError('Busy', 'later', { retryAfterSeconds: 7 });
      },
    })(...copies, createMessage('a', undefined, { envelope: data }));

    expect(failures).toHaveLength(4);
    expect(handled).toBe(1);
    expect(ports.delays.map(({ delaySeconds }) => delaySeconds)).toEqual([7, 7, 7, 7]);
  });

  it('is one again when it was redriven, whatever became of it before', async () => {
    const ports = new MemoryPorts();
    await startProcess(ports, {
      retry: { maxRetries: 0 },
      handle: async () => {
        throw new TransientError('Busy', 'later');
      },
    })(createMessage('a'));
    let isClaimed = false;

    await startProcess(ports, {
      async handle({ id }) {
        isClaimed = recordOf(ports, id)?.claim !== undefined;
      },
    })(createMessage('a', undefined, { receiveCount: 2, envelope: { ...data, generation: 1 } }));

    expect(isClaimed).toBe(true);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', generation: 1 });
  });

  it('waits for another invocation when too little of this one is left, which is no attempt', async () => {
    const ports = new MemoryPorts();
    const records = ['a', 'b', 'c'].map((id) => createMessage(id, undefined, { receiveCount: 2, envelope: data }));
    const deliver = startProcess(ports, { handle: async () => ports.clock.advance(TIMEOUT_MS * 0.75) });

    const failures = await deliver(...records);

    expect(failures).toEqual([records[1]?.messageId, records[2]?.messageId]);
    expect(recordOf(ports, 'b')).toBeUndefined();
    // Apart from each other, so that they do not wait for one another again.
    expect(ports.delays).toEqual([
      { receiptHandle: records[1]?.receiptHandle, delaySeconds: 1 },
      { receiptHandle: records[2]?.receiptHandle, delaySeconds: 2 },
    ]);
    expect(ports.lines).toContainEqual(expect.objectContaining({ message: expect.stringContaining('will be redelivered') }));
  });

  it('that is left over at its last receive is dead-lettered, for SQS would move it without an outcome', async () => {
    const ports = new MemoryPorts();
    const handled: string[] = [];
    const first = createMessage('a', undefined, { receiveCount: 10, envelope: data });
    const last = createMessage('b', undefined, { receiveCount: 10, envelope: data });
    const deliver = startProcess(ports, {
      async handle({ id }) {
        handled.push(id);
      },
    });
    const { read } = ports.ledger;
    ports.ledger.read = async (keys) => {
      ports.clock.advance(TIMEOUT_MS * 0.7);
      ports.ledger.read = read;
      return read(keys);
    };

    expect(await deliver(first, last)).toEqual([]);
    expect(handled).toEqual([]);
    expect(ports.delays).toEqual([]);
    for (const id of ['a', 'b']) expect(recordOf(ports, id)).toMatchObject({ outcome: 'dead-lettered' });
  });

  it('at its last receive is dead-lettered with an outcome, before SQS does it without one', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const record = createMessage('a', undefined, { receiveCount: 10, envelope: data });

    const failures = await startProcess(ports, { handle: async () => ++handled })(record);

    expect(failures).toEqual([]);
    expect(handled).toBe(0);
    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'dead-lettered',
      error: { code: 'ReceivesExhausted' },
      journey: expect.stringMatching(/^a#[0-3]$/),
    });
    expect(auditOf(ports, 'a')).toMatchObject({ fields: { code: 'ReceivesExhausted', reason: expect.stringContaining('10 times') } });
  });
});

const data = { data: { text: 'hello' } };
