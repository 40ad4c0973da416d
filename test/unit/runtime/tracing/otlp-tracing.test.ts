import { context as contextApi, trace as traceApi } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { MAX_DELIVERY_SPANS } from '../../../../functions/runtime/otlp/delivery-record.ts';
import { type CollectedSpan, Collector, ERROR_STATUS, FAIL, KIND, NEVER } from '../../../helpers/collector.ts';
import { inboxOf } from '../../../helpers/memory-ports.ts';
import { createMessage, createRecord, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, recordOf, until } from '../pipeline/testing-agent.ts';
import { NOT_SAMPLED, SAMPLED, SENDER_SPAN, startTraced, TRACE_ID } from './traced-agent.ts';

let collector: Collector;
beforeEach(async () => {
  collector = await Collector.start();
});
afterEach(async () => {
  await collector[Symbol.asyncDispose]();
  expect(collector.faults).toEqual([]);
});

const traced = (id: string, traceparent = SAMPLED, envelope = {}) =>
  createMessage(id, undefined, { envelope: { traceparent, data: { text: 'hello' }, ...envelope } });

/** The spans as a tree: name by name of the parent. */
function parents(spans: readonly CollectedSpan[]): Readonly<Record<string, string | undefined>> {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return Object.fromEntries(spans.map(({ name, parentSpanId = '' }) => [name, names.get(parentSpanId) ?? parentSpanId]));
}

const named = (name: string): CollectedSpan => {
  const span = collector.spans.find((found) => found.name === name);
  if (span === undefined) throw new Error(`no span ${name} among ${collector.spans.map((found) => found.name).join(', ')}`);
  return span;
};

describe('The spans of a delivery', () => {
  it('are a tree below the sender’s span: steps, the handler, what it times, what it sends', async () => {
    const { deliver, ports } = startTraced(collector, {
      async handle(_message, context) {
        await context.span('outer', async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await context.timer('inner', () => context.send('other', 1));
        });
      },
    });

    await deliver(traced('a'));

    expect(parents(collector.spans)).toEqual({
      'process testing-inbox': SENDER_SPAN,
      'read ledger': 'process testing-inbox',
      handle: 'process testing-inbox',
      outer: 'handle',
      inner: 'outer',
      commit: 'process testing-inbox',
      'send other-inbox': 'commit',
    });
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    expect(collector.requests).toBe(1);
    const { spanId, kind, links, attributes, status } = named('process testing-inbox');
    expect({ kind, links, status: status.code }).toEqual({
      kind: KIND.consumer,
      links: [{ traceId: TRACE_ID, spanId: SENDER_SPAN }],
      status: 0,
    });
    expect(attributes).toMatchObject({
      'messaging.system': 'aws_sqs',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'testing-inbox',
      'messaging.message.id': 'a',
      'gen_ai.agent.id': 'testing',
      'gen_ai.agent.version': '1.0.0',
      'posthorn.outcome': 'processed',
    });
    expect(auditOf(ports, 'a')?.fields).toMatchObject({ traceId: TRACE_ID, spanId });
    const sent = named('send other-inbox');
    expect(sent.kind).toBe(KIND.producer);
    expect(JSON.parse(ports.sentTo(inboxOf('other'))[0]?.body ?? '')).toMatchObject({ traceparent: `00-${TRACE_ID}-${sent.spanId}-01` });
  });

  it('of messages that are handled side by side do not mix', async () => {
    const { deliver } = startTraced(collector, {
      async handle({ id }, context) {
        await context.span(`outer ${id}`, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await context.span(`inner ${id}`, () => undefined);
        });
      },
    });
    const ids = ['a', 'b', 'c'];

    await deliver(...ids.map((id) => traced(id, SAMPLED.replace(TRACE_ID, id.repeat(32)))));

    for (const id of ids) {
      const own = collector.spans.filter(({ traceId }) => traceId === id.repeat(32));
      expect(parents(own)).toMatchObject({ [`inner ${id}`]: `outer ${id}`, [`outer ${id}`]: 'handle' });
      expect(own).toHaveLength(6);
    }
  });

  it('hold those of libraries that know OpenTelemetry, and what these do outside of deliveries is not recorded', async () => {
    // As in a new process, where nothing is registered yet.
    contextApi.disable();
    traceApi.disable();
    const { deliver } = startTraced(collector, {
      handle: (_message, context) => context.span('ask', () => traceApi.getTracer('some-ai-library').startSpan('chat').end()),
    });
    await deliver(traced('a'));
    traceApi.getTracer('some-ai-library').startSpan('outside').end();
    await deliver(traced('b'));

    expect(parents(collector.spans)).toMatchObject({ chat: 'ask', ask: 'handle' });
    expect(named('chat').scope).toBe('some-ai-library');
    expect(collector.spans.map(({ name }) => name)).not.toContain('outside');
  });

  it('of an attempt that fails name the error, and are exported although the journey is not sampled', async () => {
    const { deliver, ports } = startTraced(collector, {
      handle: (_message, context) => context.span('ask', () => Promise.reject(new PermanentError('Unwanted', 'not this one'))),
    });

    await deliver(traced('a', NOT_SAMPLED));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected' });
    expect(named('process testing-inbox')).toMatchObject({
      status: { code: ERROR_STATUS, message: 'not this one' },
      attributes: { 'error.type': 'Unwanted', 'posthorn.outcome': 'rejected' },
    });
    expect(named('ask').status.code).toBe(ERROR_STATUS);
    expect(parents(collector.spans)).toMatchObject({ 'record failure': 'process testing-inbox', 'send testing-errors': 'record failure' });
  });

  it('of a journey that is not sampled are not exported, and neither are those of the messages that it sends', async () => {
    const { deliver, ports } = startTraced(collector, { handle: (_message, context) => context.send('other', 1) });

    await deliver(traced('a', NOT_SAMPLED));

    expect(collector.requests).toBe(0);
    expect(JSON.parse(ports.sentTo(inboxOf('other'))[0]?.body ?? '').traceparent).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  });

  it('of a message that is not an envelope are a trace of their own', async () => {
    const { deliver } = startTraced(collector);

    await deliver(createRecord('not an envelope'));

    expect(named('process testing-inbox')).toMatchObject({ attributes: { 'error.type': 'InvalidEnvelope' }, links: [] });
  });

  it('of a handler that hangs end with its attempt', async () => {
    const { deliver, ports } = startTraced(collector, {
      handle: (_message, context) => context.span('ask', () => new Promise<never>(() => undefined)),
    });

    const delivered = deliver(traced('a'));
    await until(() => ports.requests.read === 1 && ports.clock.pendingTimers === 2, 'the handler');
    ports.clock.advance(28_000);
    await delivered;

    expect(named('ask').status).toEqual({ code: ERROR_STATUS, message: 'not ended when its delivery ended' });
    expect(named('process testing-inbox').attributes).toMatchObject({ 'error.type': 'DeadlineExceeded', 'posthorn.outcome': 'retry' });
  });

  it('of a message whose outbox is sent again are new ones, linked to the first', async () => {
    const { deliver, ports } = startTraced(collector, { handle: (_message, context) => context.send('other', 1) });
    ports.faults.send = () => {
      throw new Error('SQS is down');
    };
    const message = traced('a');
    await deliver(message);
    ports.faults.send = undefined;
    await deliver(receivedAgain(message));

    const [failed, again] = collector.spans.filter(({ name }) => name === 'send other-inbox');
    expect(failed?.status.code).toBe(ERROR_STATUS);
    expect(again).toMatchObject({ status: { code: 0 }, links: [{ traceId: TRACE_ID, spanId: failed?.spanId }] });
    expect(again?.spanId).not.toBe(failed?.spanId);
  });

  it('are bounded in number and size: an agent in a loop loses its own, and a warning counts them', async () => {
    const { deliver, ports } = startTraced(collector, {
      async handle(_message, context) {
        for (let index = 0; index < 1_000; index++) await context.span('x'.repeat(10_000), () => undefined);
        return 'done';
      },
    });

    await deliver(traced('a'));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', result: 'done' });
    expect(collector.spans).toHaveLength(MAX_DELIVERY_SPANS);
    expect(Math.max(...collector.spans.map(({ name }) => name.length))).toBe(256);
    const lost = 1_000 + 4 - MAX_DELIVERY_SPANS;
    expect(ports.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: { error: expect.objectContaining({ message: `${lost} spans of this process are lost` }) },
      }),
    );
  });
});

describe('Hostile context of a sender', () => {
  const LONG = 'x'.repeat(100_000);

  it.each([
    ['traceparent', { traceparent: LONG }],
    ['tracestate', { tracestate: LONG }],
    ['tracestate of too many members', { tracestate: Array.from({ length: 33 }, (_, index) => `k${index}=v`).join(',') }],
    ['tracestate of another form', { tracestate: 'a=b;c\u0000' }],
    ['baggage', { baggage: `key=${LONG}` }],
  ])('is ignored: %s', async (_what, attributes) => {
    const { deliver, ports } = startTraced(collector, { handle: (_message, context) => context.send('other', 1) });

    await deliver(createMessage('a', undefined, { envelope: { data: { text: 'hello' }, ...attributes } }));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    const [sent] = ports.sentTo(inboxOf('other'));
    expect(sent?.body.length).toBeLessThan(1_000);
    expect(JSON.parse(sent?.body ?? '')).toEqual(
      expect.not.objectContaining({ tracestate: expect.anything(), baggage: expect.anything() }),
    );
  });

  it('is passed on where it is valid', async () => {
    const { deliver, ports } = startTraced(collector, { handle: (_message, context) => context.send('other', 1) });

    await deliver(traced('a', SAMPLED, { tracestate: 'vendor@system=value,other=1' }));

    expect(JSON.parse(ports.sentTo(inboxOf('other'))[0]?.body ?? '')).toMatchObject({ tracestate: 'vendor@system=value,other=1' });
  });
});

describe('A collector', () => {
  it('that answers 500 loses the spans, once a second at first', async () => {
    const { deliver, ports } = startTraced(collector);
    collector.answer = FAIL;

    for (const id of ['a', 'b', 'c']) expect(await deliver(traced(id))).toEqual([]);
    expect(collector.requests).toBe(1);
    ports.clock.advance(1_000);
    await deliver(traced('d'));

    expect(collector.requests).toBe(2);
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('that never answers costs an invocation a second, and the next ones nothing while the export pauses', async () => {
    const { deliver, ports } = startTraced(collector);
    collector.answer = NEVER;

    expect(await deliver(traced('a'))).toEqual([]);
    expect(await deliver(traced('b'))).toEqual([]);

    expect(collector.requests).toBe(1);
    expect(recordOf(ports, 'b')).toMatchObject({ outcome: 'processed' });
  });

  it('gets the headers of the secret, and new ones after it has refused them', async () => {
    const versions = ['old', 'new'];
    const headers = {
      headersFor: async () => ({ 'x-api-key': versions[0] ?? '' }),
      refused: () => void versions.shift(),
    };
    const { deliver, ports } = startTraced(collector, {}, headers);
    collector.answer = (response) => response.writeHead(401).end();
    await deliver(traced('a'));
    ports.clock.advance(1_000);
    await deliver(traced('b'));

    expect(collector.headers.map((sent) => sent['x-api-key'])).toEqual(['old', 'new']);
    expect(JSON.stringify(ports.lines)).not.toContain('old');
  });
});
