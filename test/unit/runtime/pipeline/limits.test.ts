import { describe, expect, it } from 'vitest';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess, TIMEOUT_MS, until } from './testing-agent.ts';

const many = (count: number, name: string) => Array.from({ length: count }, (_, nth) => createMessage(`${name}${nth}`, { text: name }));
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('context.limit', () => {
  it('limits the calls of all messages of a process, in one batch and in several', async () => {
    const ports = new MemoryPorts();
    let [running, most, calls] = [0, 0, 0];
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        const llm = context.limit('llm', 3);
        const call = () =>
          llm(async () => {
            most = Math.max(most, ++running);
            await settled();
            running--;
            return ++calls;
          });
        const answers = await Promise.all([call(), call()]);
        return answers.length;
      },
    });

    await Promise.all([deliver(...many(10, 'one')), deliver(...many(10, 'two'))]);

    expect([calls, most, running]).toEqual([40, 3, 0]);
    expect(ports.records.filter(({ outcome, attempts }) => outcome === 'processed' && attempts.length === 0)).toHaveLength(20);
  });

  it('ends the wait of a message with the error of its deadline, and a call that hangs keeps nobody waiting after that', async () => {
    const ports = new MemoryPorts();
    const errors: unknown[] = [];
    let calls = 0;
    const deliver = startProcess(ports, {
      async handle({ data }, context) {
        const llm = context.limit('llm', 1);
        await llm(() => (++calls === 1 ? new Promise(() => {}) : data.text)).catch((error: unknown) => {
          errors.push(error);
          throw error;
        });
      },
    });

    const batch = deliver(createMessage('hangs', { text: 'a' }), createMessage('waits', { text: 'b' }));
    await until(() => calls === 1 && ports.clock.pendingTimers === 3, 'both');
    ports.clock.advance(TIMEOUT_MS - 2_000);
    await batch;
    await settled();
    expect(await deliver(createMessage('next', { text: 'c' }))).toEqual([]);

    for (const id of ['hangs', 'waits'])
      expect(recordOf(ports, id)?.attempts).toMatchObject([{ code: 'DeadlineExceeded', kind: 'transient' }]);
    expect(errors).toMatchObject([{ code: 'DeadlineExceeded' }]);
    expect(recordOf(ports, 'next')).toMatchObject({ outcome: 'processed', attempts: [] });
  });

  it('rejects a message for which one name has two limits, naming both', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async ({ data }, context) => context.limit('llm', Number(data.text))(() => undefined),
    });

    await deliver(createMessage('a', { text: '4' }));
    await deliver(createMessage('b', { text: '5' }));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    expect(recordOf(ports, 'b')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'InvalidLimit', reason: "context.limit: 'llm' has 5 calls here and 4 elsewhere: give one number" },
    });
  });
});
