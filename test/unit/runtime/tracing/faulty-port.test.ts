import { describe, expect, it } from 'vitest';
import { ownTotalsOf } from '../../../../events/own-metrics-record.ts';
import type { DeliverySpan, Span, Tracing } from '../../../../functions/runtime/ports.ts';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess, TIMEOUT_MS, until } from '../pipeline/testing-agent.ts';

const boom = (): never => {
  throw new Error('tracing is broken');
};
const never = () => new Promise<never>(() => undefined);

/** A port that does nothing, but for what a test replaces. */
function port(faults: { readonly tracing?: Partial<Tracing>; readonly span?: Partial<Span> }): Tracing {
  const span: DeliverySpan = { begin: () => span, within: (work) => work(), end: () => undefined, ...faults.span };
  return { ready: async () => undefined, begin: () => span, flush: async () => undefined, ...faults.tracing };
}

const FAULTS: Readonly<Record<string, Parameters<typeof port>[0]>> = {
  'throws when it is asked whether it is ready': { tracing: { ready: boom } },
  'is not ready because it cannot be loaded': { tracing: { ready: () => Promise.reject(new Error('not loaded')) } },
  'throws when the span of a delivery begins': { tracing: { begin: boom } },
  'has no span for a delivery': { tracing: { begin: () => undefined } },
  'throws when a span begins': { span: { begin: boom } },
  'has no span for a step': { span: { begin: () => undefined } },
  'throws before the work of a span': { span: { within: boom } },
  'throws after the work of a span': {
    span: {
      within: (work) => {
        work();
        boom();
      },
    },
  },
  'never calls the work of a span': { span: { within: () => undefined } },
  'calls the work of a span twice': {
    span: {
      within: (work) => {
        work();
        work();
      },
    },
  },
  'throws when a span ends': { span: { end: boom } },
  'throws at the flush': { tracing: { flush: boom } },
  'fails at the flush': { tracing: { flush: () => Promise.reject(new Error('HTTP 500')) } },
};

describe('A message is processed once, with its effects, where the port of tracing', () => {
  it.each(Object.entries(FAULTS))('%s', async (_what, faults) => {
    const ports = new MemoryPorts();
    ports.tracing = port(faults);
    let handled = 0;
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        handled++;
        const answer = await context.span('ask', async () => 'an answer');
        await context.timer('send', () => context.send('other', answer));
        return answer;
      },
    });

    expect(await deliver(createMessage('a'))).toEqual([]);

    expect(handled).toBe(1);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: 'an answer', attempts: [] });
    expect(ports.sentTo(inboxOf('other')).map(({ body }) => JSON.parse(body).data)).toEqual(['an answer']);
    expect(ownTotalsOf([ports.metricsRecord.own]).timers).toMatchObject({ send: { count: 1 } });
  });

  it('throws in the spans of a handler that fails: the error is the handler’s', async () => {
    const ports = new MemoryPorts();
    ports.tracing = port({ span: { end: boom, within: boom } });
    const deliver = startProcess(ports, {
      handle: (_message, context) => context.span('fail', () => Promise.reject(new RangeError('its own'))),
    });

    await deliver(createMessage('a'));

    expect(recordOf(ports, 'a')?.attempts).toMatchObject([{ reason: 'its own' }]);
  });

  it('is never ready: its first invocation waits a second, later ones do not wait', async () => {
    const ports = new MemoryPorts();
    ports.tracing = port({ tracing: { ready: never, begin: () => undefined } });
    const deliver = startProcess(ports);

    const first = deliver(createMessage('a'));
    await until(() => ports.clock.pendingTimers === 2, 'the last call and the wait');
    ports.clock.advance(1_000);

    expect(await first).toEqual([]);
    expect(await deliver(createMessage('b'))).toEqual([]);
  });

  it('never ends a flush: the invocation waits a second for it', async () => {
    const ports = new MemoryPorts();
    const asked: number[] = [];
    const flush = (timeoutMs: number) => {
      asked.push(timeoutMs);
      return never();
    };
    ports.tracing = port({ tracing: { flush } });

    const delivered = startProcess(ports)(createMessage('a'));
    await until(() => asked.length === 1, 'the flush');
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    ports.clock.advance(999);
    let isOver = false;
    void delivered.then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    ports.clock.advance(1);

    expect(await delivered).toEqual([]);
    expect(asked).toEqual([1_000]);
    expect(ports.clock.pendingTimers).toBe(0);
  });

  it('never ends a flush when hardly any time is left: the invocation keeps half of it for its answer', async () => {
    const ports = new MemoryPorts();
    const asked: number[] = [];
    const flush = (timeoutMs: number) => {
      asked.push(timeoutMs);
      return never();
    };
    ports.tracing = port({ tracing: { flush } });
    const deliver = startProcess(ports, {
      handle: async () => {
        ports.clock.advance(TIMEOUT_MS - 600);
      },
    });

    const delivered = deliver(createMessage('a'));
    await until(() => asked.length === 1, 'the flush');
    ports.clock.advance(asked[0] ?? 0);
    await delivered;

    expect(asked[0]).toBeLessThanOrEqual(300);
  });

  it('fails at each flush: a warning a minute says so', async () => {
    const ports = new MemoryPorts();
    ports.tracing = port({ tracing: { flush: () => Promise.reject(new Error('HTTP 500')) } });
    const deliver = startProcess(ports);
    const warnings = () => ports.lines.filter(({ message }) => message.startsWith('spans are lost'));

    for (let index = 0; index < 3; index++) await deliver(createMessage(`a-${index}`));
    expect(warnings()).toMatchObject([{ level: 'warn', fields: { error: { message: 'HTTP 500' } } }]);
    ports.clock.advance(60_000);
    await deliver(createMessage('b'));

    expect(warnings()).toHaveLength(2);
  });
});
