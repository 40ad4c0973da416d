import { describe, expect, it } from 'vitest';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { DEAD_LETTER_QUEUE_URL, recordOf, startProcess, TIMEOUT_MS, until } from './testing-agent.ts';

describe('An exclusive agent', () => {
  it('handles a message in one process only; the other leaves it until the claim ends', async () => {
    const ports = new MemoryPorts();
    let finish = () => {};
    let handled = 0;
    const options = {
      exclusive: true,
      async handle() {
        handled++;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    };
    const first = startProcess(ports, options)(createMessage('a'));
    await until(() => handled === 1, 'the first process');
    const copy = createMessage('a');

    const second = await startProcess(ports, options)(copy);
    finish();

    expect(second).toEqual([copy.messageId]);
    expect(ports.delays).toEqual([{ receiptHandle: copy.receiptHandle, delaySeconds: TIMEOUT_MS / 1_000 }]);
    expect(await first).toEqual([]);
    expect(handled).toBe(1);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    expect(recordOf(ports, 'a')).not.toHaveProperty('claim');
  });

  it('claims are won by one of two that come at the same time', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const options = { exclusive: true, handle: async () => ++handled };
    const copies = [createMessage('a'), createMessage('a')];

    const failures = await Promise.all(copies.map((copy) => startProcess(ports, options)(copy)));

    expect(failures.flat()).toHaveLength(1);
    expect(handled).toBe(1);
  });

  it('fences off a process that was thought dead: its commit has no effect', async () => {
    const ports = new MemoryPorts();
    const record = createMessage('a');
    const deliver = startProcess(ports, {
      exclusive: true,
      async handle(_message, context) {
        await context.send('other', 'never seen');
        // Frozen past its claim: another process has taken the message over.
        const own = recordOf(ports, 'a');
        if (own) ports.put({ ...own, revision: 'of another', claim: { owner: 'another', expiresAt: ports.clock.now() + TIMEOUT_MS } });
      },
    });

    const failures = await deliver(record);

    expect(failures).toEqual([record.messageId]);
    expect(recordOf(ports, 'a')).toMatchObject({ revision: 'of another', claim: { owner: 'another' } });
    expect(recordOf(ports, 'a')).not.toHaveProperty('outcome');
    expect(ports.sent).toEqual([]);
  });

  it('gives its claim back when it cannot commit: that is no attempt', async () => {
    const ports = new MemoryPorts();
    let handled = 0;
    const deliver = startProcess(ports, { exclusive: true, handle: async () => ++handled });
    ports.faults.write = (writes) => {
      if (writes.some(({ record }) => record.outcome !== undefined)) throw new Error('throttled');
    };
    let record = createMessage('a');
    for (let receive = 0; receive < 5; receive++) {
      expect(await deliver(record)).toEqual([record.messageId]);
      expect(recordOf(ports, 'a')).not.toHaveProperty('claim');
      record = receivedAgain(record);
    }
    ports.faults.write = undefined;

    expect(await deliver(record)).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: 6, attempts: [] });
  });

  it('gives back a claim whose answer never came', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { exclusive: true });
    const record = createMessage('a');
    ports.faults.written = (writes) => {
      if (writes.some(({ record: written }) => written.claim !== undefined)) throw new Error('the answer is lost');
    };

    expect(await deliver(record)).toEqual([record.messageId]);
    ports.faults.written = undefined;

    expect(await deliver(receivedAgain(record))).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [] });
  });

  it('counts each process that never came back as an attempt, and dead-letters after the last', async () => {
    const ports = new MemoryPorts();
    const attempts: number[] = [];
    const deliver = startProcess(ports, {
      exclusive: true,
      async handle({ attempt }) {
        attempts.push(attempt);
        // Dies: what it writes from here on does not arrive.
        ports.faults.write = () => {
          throw new Error('dead');
        };
      },
    });
    let record = createMessage('a');
    for (let crash = 0; crash < 4; crash++) {
      expect(await deliver(record)).toEqual([record.messageId]);
      ports.faults.write = undefined;
      ports.clock.advance(TIMEOUT_MS + 1);
      record = receivedAgain(record);
    }

    const failures = await deliver(record);

    expect(failures).toEqual([]);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'dead-lettered',
      error: { code: 'Abandoned' },
      attempts: [1, 2, 3, 4].map(() => ({ code: 'Abandoned' })),
    });
    expect(ports.sentTo(DEAD_LETTER_QUEUE_URL)).toMatchObject([{ attributes: { 'posthorn-attempts': '4' } }]);
  });
});
