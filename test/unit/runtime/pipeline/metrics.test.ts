import { describe, expect, it } from 'vitest';
import { counterAttribute, type MetricsCounter, metricsTotalsSchema, totalsOf } from '../../../../events/metrics-record.ts';
import { ownTotalsOf } from '../../../../events/own-metrics-record.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { MetricsRefusedError } from '../../../../functions/runtime/metrics/metrics-recorder.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { until } from '../../../helpers/until.ts';
import { startProcess } from './testing-agent.ts';

const totals = (ports: MemoryPorts) => totalsOf([ports.metricsRecord.totals]);
const written = ({ metricsRecord }: MemoryPorts, counter: MetricsCounter) => metricsRecord.totals[counterAttribute(counter)];
const warnings = ({ lines }: MemoryPorts) => lines.filter(({ message, level }) => level === 'warn' && message.startsWith('metrics could'));

const messages = (count: number) => Array.from({ length: count }, (_, index) => createMessage(`m-${index}`));

describe('The metrics record', () => {
  it('gets one addition for a batch, before its messages are sent', async () => {
    const ports = new MemoryPorts();
    const additionsBySend: number[] = [];
    ports.faults.send = () => void additionsBySend.push(ports.requests.addMetrics);
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        ports.clock.advance(20);
        await context.send('other', 1);
      },
    });
    ports.clock.advance(50);

    await deliver(...messages(10));

    expect(additionsBySend).toEqual([1]);
    expect(ports.requests.addMetrics).toBe(1);
    expect(totals(ports).counters).toMatchObject({ invocations: 1, deliveries: 10, processed: 10, sent: 10, retries: 0, clamped: 0 });
    expect(totals(ports).wait).toMatchObject({ counts: { 6: 10 }, sumMs: 500 });
    expect(totals(ports).critical.sumMs).toBeGreaterThanOrEqual(10 * 250);
    expect(metricsTotalsSchema.safeParse(totals(ports)).error).toBeUndefined();
  });

  it('counts what is sent, also where it is so much that it is kept as content', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async (_message, context) => {
        for (let index = 0; index < 100; index++) await context.send('other', 'x'.repeat(1_000));
      },
    });

    await deliver(createMessage('a'));

    expect(ports.records[0]?.outboxRef).toBeDefined();
    expect(totals(ports).counters.sent).toBe(100);
  });

  it('counts each end of a delivery', async () => {
    const ports = new MemoryPorts();
    const processed = createMessage('processed');
    const retried = createMessage('retried', { text: 'busy' });
    const deliver = startProcess(ports, {
      retry: { maxRetries: 1 },
      handle: async ({ data }) => {
        if (data.text === 'busy') throw new TransientError('Busy', 'not now');
        if (data.text === 'odd') throw new RangeError('whatever');
        if (data.text === 'no') throw new PermanentError('No', 'never');
      },
    });

    await deliver(processed, createMessage('no', { text: 'no' }), createRecord('garbage'), createMessage('odd', { text: 'odd' }), retried);
    await deliver(receivedAgain(processed), receivedAgain(retried));
    ports.faults.write = () => {
      throw new Error('the ledger is down');
    };
    await deliver(createMessage('interrupted'));

    expect(totals(ports).counters).toMatchObject({
      ...{ invocations: 3, deliveries: 8, processed: 1, rejected: 2, retries: 2, deadLettered: 1, duplicates: 1, interruptions: 1 },
      unknownErrors: 1,
    });
  });

  it('has the wait of a message once, and clamps what clocks make negative', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, { handle: async () => Promise.reject(new TransientError('Busy', 'not now')) });
    const early = createMessage('a', { text: 'a' }, { envelope: { time: '2026-01-01T01:00:00Z' } });
    const record = { ...early, attributes: { ...early.attributes, SentTimestamp: String(ports.clock.now() + 5_000) } };

    await deliver(record);
    await deliver(receivedAgain(record));

    expect(totals(ports).wait).toEqual({ counts: { 0: 1 }, sumMs: 0 });
    expect(totals(ports).counters.clamped).toBe(1);
  });

  it('changes nothing when it is refused; what was refused is added with the next invocation', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    ports.faults.addMetrics = () => {
      throw new MetricsRefusedError('throttled');
    };

    expect(await deliver(...messages(3))).toEqual([]);
    expect(await deliver(createMessage('b'))).toEqual([]);
    expect(written(ports, 'processed')).toBeUndefined();
    expect(warnings(ports)).toHaveLength(1);
    ports.faults.addMetrics = undefined;
    await deliver(createMessage('c'));

    expect(totals(ports).counters).toMatchObject({ invocations: 3, processed: 5, lostWrites: 0 });
  });

  it('is not added again when the answer is lost; the loss is counted', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    ports.faults.metricsAdded = () => {
      throw new Error('socket hang up');
    };

    expect(await deliver(...messages(3))).toEqual([]);
    ports.faults.metricsAdded = undefined;
    await deliver(createMessage('b'));

    expect(totals(ports).counters).toMatchObject({ invocations: 2, processed: 4, lostWrites: 1 });
  });

  it('is not added again when DynamoDB refuses it as invalid: it would refuse it again; the loss is counted', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    ports.faults.addMetrics = () => {
      throw new Error('ValidationException: Number overflow');
    };

    expect(await deliver(...messages(3))).toEqual([]);
    ports.faults.addMetrics = undefined;
    await deliver(createMessage('b'));

    expect(totals(ports).counters).toMatchObject({ invocations: 1, processed: 1, lostWrites: 1 });
  });

  it('holds an invocation for a tenth of a second at most', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports);
    ports.faults.addMetrics = () => new Promise(() => undefined);

    let answer: readonly string[] | undefined;
    const delivered = deliver(...messages(2)).then((failures) => {
      answer = failures;
    });
    await until('only the metrics are waited for', () => ports.auditLines.length === 2 && ports.clock.pendingTimers === 1);
    expect(answer).toBeUndefined();
    ports.clock.advance(100);
    await delivered;

    expect(answer).toEqual([]);
  });
});

describe("An agent's own counters and timers", () => {
  it('are at most fifty names; the others are counted as overflow', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        for (let index = 0; index < 60; index++) context.counter(`counter ${index}`, 2);
        await context.timer('counter 1', () => undefined);
      },
    });

    await deliver(createMessage('a'));

    const own = ownTotalsOf([ports.metricsRecord.own]);
    expect(Object.keys(own.counters)).toHaveLength(50);
    expect(own).toMatchObject({ overflow: 10, timers: { 'counter 1': { count: 1 } } });
  });

  it('have what was used of models, and apart what attempts used that were thrown away', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle({ attempt }, context) {
        context.usage({ model: 'small', inputTokens: 100, outputTokens: 7 });
        context.usage({ model: 'small', inputTokens: 20, outputTokens: 0 });
        if (attempt === 1) throw new TransientError('Busy', 'not now');
      },
    });
    const record = createMessage('a');

    await deliver(record);
    await deliver(receivedAgain(record));

    expect(ownTotalsOf([ports.metricsRecord.own]).models).toEqual({
      small: { inputTokens: 120, outputTokens: 7, wastedInputTokens: 120, wastedOutputTokens: 7 },
    });
  });

  it('add up to what DynamoDB takes: at most the greatest safe integer, and no smaller part than a billionth', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async (_message, context) => {
        for (let times = 0; times < 10; times++) context.counter('large', Number.MAX_SAFE_INTEGER);
        context.counter('small', Number.MIN_VALUE);
        for (const part of [0.1, 0.2]) context.counter('sum', part);
      },
    });

    await deliver(createMessage('a'));

    expect(ports.metricsRecord.own).toEqual({ 'c large': Number.MAX_SAFE_INTEGER, 'c sum': 0.3 });
  });

  it.each([
    ['no name', '', 1],
    ['a name that is too long', 'n'.repeat(129), 1],
    ['a control character in its name', 'a\nb', 1],
    ['no finite value', 'a', Number.NaN],
    ['a value that would make a total fall', 'a', -1],
    ['a value that no total can hold', 'a', 1e200],
    ['a value that no total holds exactly', 'a', Number.MAX_SAFE_INTEGER + 1],
  ])('are left out with a warning, once, for %s', async (_case, name, value) => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      handle: async (_message, context) => {
        context.counter(name, value);
        context.counter('constructor', 1);
      },
    });

    expect(await deliver(createMessage('a'), createMessage('b'))).toEqual([]);

    expect(ownTotalsOf([ports.metricsRecord.own])).toEqual({ counters: { constructor: 2 }, timers: {}, models: {}, overflow: 0 });
    expect(ports.lines.filter(({ message }) => message === 'a metric is left out')).toHaveLength(1);
  });
});
