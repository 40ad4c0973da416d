import { describe, expect, it } from 'vitest';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess, TIMEOUT_MS, until } from './testing-agent.ts';

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
    await until(() => ports.clock.pendingTimers === 1, 'the handler');
    ports.clock.advance(TIMEOUT_MS);
    await batch;
    await until(() => late.length === 1, 'the late send');

    expect(late).toMatchObject([{ code: 'ContextClosed', kind: 'transient' }]);
    expect(ports.sent).toEqual([]);
    expect(recordOf(ports, 'a')).not.toHaveProperty('outbox');
  });
});
