import { describe, expect, it } from 'vitest';
import { ownTotalsOf } from '../../../../events/own-metrics-record.ts';
import { parseEnvelope } from '../../../../events/parse-envelope.ts';
import type { Context } from '../../../../functions/runtime/agent/agent.ts';
import { inboxOf, MemoryPorts, REPLIES_URL } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { envelopesTo, recordOf, startProcess } from './testing-agent.ts';

const OTHER = inboxOf('other');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Handles one message with what a test does, and lets floating promises come to their end. */
async function handleWith(act: (context: Context) => Promise<unknown>, record = createMessage('a'), ports = new MemoryPorts()) {
  const deliver = startProcess(ports, { handle: async (_message, context) => act(context) });
  const failures = await deliver(record);
  await new Promise((resolve) => setImmediate(resolve));
  return { ports, failures };
}

describe('What an agent sends', () => {
  it('carries the journey on: trace, correlation, causation, metadata, subject, expiry, reply address, tenant', async () => {
    const record = createMessage('a', undefined, {
      envelope: {
        data: { text: 'hello' },
        subject: 'order 7',
        traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
        tracestate: 'vendor=1',
        correlationid: 'journey-1',
        expirytime: '2026-01-02T00:00:00Z',
        replyto: 'asking',
        tenant: 'acme',
        metadata: { language: 'en', attempt: 1 },
      },
    });

    const { ports } = await handleWith((context) => context.send('other', { n: 1 }, { metadata: { attempt: 2, page: 3 } }), record);

    const [envelope] = envelopesTo(ports, OTHER);
    expect(envelope).toEqual({
      hops: 1,
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      source: '/agents/testing',
      type: 'testing.sent',
      time: '2026-01-01T00:00:00.000Z',
      subject: 'order 7',
      datacontenttype: 'application/json',
      data: { n: 1 },
      traceparent: expect.stringMatching(new RegExp(`^00-${TRACE_ID}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`)),
      tracestate: 'vendor=1',
      correlationid: 'journey-1',
      causationid: 'a',
      expirytime: '2026-01-02T00:00:00Z',
      replyto: 'asking',
      tenant: 'acme',
      metadata: { language: 'en', attempt: 2, page: 3 },
    });
    expect(() => parseEnvelope(JSON.stringify(envelope))).not.toThrow();
  });

  it('goes to the message group of its tenant: that of the message, or its own; without a tenant to none', async () => {
    const act = async (context: Context) => {
      await context.send('other', 1);
      await context.send('other', 2, { tenant: 'own' });
      await context.send('other', { tenant: 'data' });
      await context.reply('yes');
    };
    const of = (tenant?: string) =>
      createMessage('a', undefined, { envelope: { data: { text: '' }, ...(tenant !== undefined && { tenant }) } });

    const withTenant = await handleWith(act, of('acme'));
    const without = await handleWith(act, of());

    const groups = ({ ports }: typeof without) => ports.sent.map(({ message }) => message.group);
    expect(groups(withTenant)).toEqual(['acme', 'own', 'acme', 'acme']);
    expect(groups(without)).toEqual([undefined, 'own', undefined, undefined]);
    expect(envelopesTo(without.ports, OTHER).map(({ tenant }) => tenant)).toEqual([undefined, 'own', undefined]);
  });

  it('has its tenant in its body alone, so that a runtime before tenants sends the same outbox', async () => {
    const record = createMessage('a', undefined, { envelope: { data: { text: '' }, tenant: 'acme' } });

    const { ports } = await handleWith((context) => context.send('other', 1), record);

    const [message] = recordOf(ports, 'a')?.outbox ?? [];
    expect(Object.keys(message ?? {}).sort()).toEqual(['body', 'to']);
    expect(message?.body).toBe(ports.sentTo(OTHER)[0]?.body);
  });

  it.each([
    ['empty', ''],
    ['of 129 characters', 'x'.repeat(129)],
    ['with a space', 'Acme Corp'],
    ['not ASCII', 'Größe'],
    ['a number', JSON.parse('7')],
  ])('is refused with a tenant that is %s', async (_what, tenant) => {
    const { ports } = await handleWith((context) => context.send('other', 1, { tenant }));

    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'UnsendableData', reason: expect.stringMatching(/^tenant: /) },
    });
  });

  it('begins a new trace if the message has an invalid one', async () => {
    const { ports } = await handleWith(
      (context) => context.send('other', 1),
      createMessage('a', undefined, { envelope: { data: { text: 'hello' }, traceparent: 'x' } }),
    );

    expect(envelopesTo(ports, OTHER)).toEqual([
      expect.objectContaining({ traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/) }),
    ]);
  });

  it('is refused with a date of expiry that is none', async () => {
    const { ports } = await handleWith((context) => context.send('other', 1, { expiresAt: new Date('soon') }));

    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'UnsendableData', reason: expect.stringContaining('expiresAt') },
    });
  });

  it('begins a journey if the message names none, and accepts explicit attributes', async () => {
    const { ports } = await handleWith((context) =>
      context.send('other', null, { type: 'own.type', subject: 'own', replyTo: 'third', expiresAt: new Date('2026-03-01T00:00:00Z') }),
    );

    expect(envelopesTo(ports, OTHER)).toMatchObject([
      { data: null, type: 'own.type', subject: 'own', replyto: 'third', expirytime: '2026-03-01T00:00:00.000Z', correlationid: 'a' },
    ]);
  });

  it('replies to the agent that the message names, otherwise to the replies queue', async () => {
    const named = await handleWith(
      (context) => context.reply('yes'),
      createMessage('a', undefined, { envelope: { data: { text: '' }, replyto: 'asking' } }),
    );
    const unnamed = await handleWith((context) => context.reply('yes'));

    expect(envelopesTo(named.ports, inboxOf('asking'))).toMatchObject([{ type: 'testing.reply', data: 'yes' }]);
    expect(envelopesTo(named.ports, inboxOf('asking'))[0]).not.toHaveProperty('replyto');
    expect(envelopesTo(unnamed.ports, REPLIES_URL)).toMatchObject([{ data: 'yes' }]);
  });

  it.each<[string, (context: Context) => Promise<unknown>, string]>([
    ['to an agent that the definition does not list', (context) => context.send('stranger', 1), 'UnknownTarget'],
    ['a BigInt', (context) => context.send('other', { n: 1n }), 'UnsendableData'],
    ['undefined', (context) => context.send('other', undefined), 'UnsendableData'],
    ['a function', (context) => context.send('other', () => 1), 'UnsendableData'],
    ['data that contains itself', (context) => context.send('other', cyclic()), 'UnsendableData'],
    ['data nested deeper than a receiver takes', (context) => context.send('other', nested(100)), 'UnsendableData'],
    [
      'large data nested deeper than a receiver takes',
      (context) => context.send('other', [nested(101), 'x'.repeat(9_000)]),
      'UnsendableData',
    ],
    ['a key that would be a prototype', (context) => context.send('other', JSON.parse('{"__proto__": {"a": 1}}')), 'UnsendableData'],
    ['metadata that is no scalar', (context) => context.send('other', 1, { metadata: JSON.parse('{"a": {}}') }), 'UnsendableData'],
    ['an empty type', (context) => context.send('other', 1, { type: '' }), 'UnsendableData'],
    [
      'data beside content',
      async (context) => context.send('other', 1, { content: await context.store('x', 'text/plain') }),
      'UnsendableData',
    ],
    ['content from elsewhere', (context) => context.send('other', undefined, { content: elsewhere }), 'ContentRefused'],
    ['a result that JSON cannot carry', async () => 1n, 'UnsendableData'],
  ])('is refused as permanent: %s', async (_what, act, code) => {
    const { ports, failures } = await handleWith(act);

    expect(failures).toEqual([]);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code } });
    expect(envelopesTo(ports, OTHER)).toEqual([]);
  });

  it.each<[string, (context: Context) => unknown, string]>([
    ['unsendable data', (context) => context.send('other', 1n), 'UnsendableData'],
    ['an unknown target', (context) => context.send('stranger', 1), 'UnknownTarget'],
  ])('fails the attempt, not the process, when nobody awaits it: %s', async (_what, act, code) => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    try {
      const { ports } = await handleWith(
        async (context) => void act(context),
        createMessage('a', undefined, { envelope: { data: { text: '' }, replyto: 'unreachable' } }),
      );

      expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code } });
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });

  it('goes to the replies queue if the agent may not send to the asker, and the outcome is kept', async () => {
    const { ports } = await handleWith(
      async (context) => context.reply('done', { type: 'answer' }),
      createMessage('a', undefined, { envelope: { data: { text: '' }, replyto: 'unreachable' } }),
    );

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed' });
    expect(envelopesTo(ports, REPLIES_URL)).toMatchObject([{ type: 'answer', data: 'done', correlationid: 'a' }]);
    expect(ports.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ replyto: 'unreachable' }) }),
    );
  });

  it('is refused after a hundred hops, except the reply to the asker', async () => {
    const at = (hops: number) => createMessage('a', undefined, { envelope: { data: { text: '' }, hops } });
    const last = await handleWith(async (context) => context.send('other', 1), at(99));
    const endless = await handleWith(async (context) => context.send('other', 1), at(100));
    const answered = await handleWith(async (context) => context.reply(1), at(100));

    expect(envelopesTo(last.ports, OTHER)).toMatchObject([{ hops: 100 }]);
    expect(recordOf(endless.ports, 'a')).toMatchObject({ outcome: 'rejected', error: { code: 'TooManyHops' } });
    expect(endless.ports.sentTo(OTHER)).toEqual([]);
    expect(envelopesTo(answered.ports, REPLIES_URL)).toMatchObject([{ data: 1, hops: 100 }]);
  });

  it('takes the reply address along where an option leaves it out', async () => {
    const { ports } = await handleWith(
      async (context) => context.send('other', 1, { replyTo: undefined }),
      createMessage('a', undefined, { envelope: { data: { text: '' }, replyto: 'asker' } }),
    );

    expect(envelopesTo(ports, OTHER)).toMatchObject([{ replyto: 'asker' }]);
  });

  it('is sent even if the handler does not await it', async () => {
    const { ports } = await handleWith(async (context) => void context.send('other', 'unawaited'));

    expect(envelopesTo(ports, OTHER)).toMatchObject([{ data: 'unawaited' }]);
  });

  it('has no effect after the handler has ended, and reports it, while its result is still being stored', async () => {
    const ports = new MemoryPorts();
    let late: Promise<unknown> = Promise.resolve();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        ports.faults.put = () => {
          late = context.send('other', 'late');
          late.catch(() => undefined);
        };
        return 'x'.repeat(20_000);
      },
    });

    await deliver(createMessage('a'));

    await expect(late).rejects.toMatchObject({ code: 'ContextClosed' });
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', outbox: [] });
    expect(ports.sent).toEqual([]);
    expect(ports.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('after its attempt was over') }),
    );
  });

  it('has no characters that SQS refuses', async () => {
    const { ports } = await handleWith((context) => context.send('other', { text: 'a\uFFFEb\uFFFF\u0000\uD800c' }));

    const [message] = ports.sentTo(OTHER);
    expect(message?.body).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
    expect(JSON.parse(message?.body ?? '').data).toEqual({ text: 'a\uFFFEb\uFFFF\u0000\uD800c' });
  });

  it('has different ids for each message and for each generation', async () => {
    const ports = new MemoryPorts();
    const sendTwice = async (context: Context) => {
      await context.send('other', 1);
      await context.send('other', 1);
    };
    await handleWith(sendTwice, createMessage('a'), ports);
    await handleWith(sendTwice, createMessage('b'), ports);
    const redriven = new MemoryPorts();
    await handleWith(sendTwice, createMessage('a', undefined, { envelope: { data: { text: 'hello' }, generation: 1 } }), redriven);

    const ids = [ports, redriven].flatMap((each) => envelopesTo(each, OTHER)).map(({ id }) => id);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
  });

  it('may be a hundred messages: in requests of ten', async () => {
    const { ports } = await handleWith((context) => Promise.all(Array.from({ length: 100 }, (_, n) => context.send('other', n))));

    expect(envelopesTo(ports, OTHER).map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(ports.requests.send).toBe(10);
  });
});

describe('What a handler is given', () => {
  it('is an idempotency key that a header can carry, the same for every attempt and no other message', async () => {
    const keys: string[] = [];
    const ids = ['plain', 'größe', 'gr%C3%B6%C3%9Fe', 'with space', 'with%20space', '注文 7'];
    for (const id of ids)
      await handleWith(async (context) => {
        new Headers({ 'idempotency-key': context.idempotencyKey });
        keys.push(context.idempotencyKey);
      }, createMessage(id));

    expect(keys[0]).toBe('testing /tests plain');
    expect(new Set(keys).size).toBe(ids.length);
  });

  it('records timers, failed ones too, and counters', async () => {
    const ports = new MemoryPorts();
    await handleWith(
      async (context) => {
        context.counter('seen');
        context.counter('words', 7);
        await context.timer('slow', () => ports.clock.advance(250));
        await context
          .timer('failing', () => {
            throw new Error('no');
          })
          .catch(() => undefined);
      },
      createMessage('a'),
      ports,
    );

    expect(ownTotalsOf([ports.metricsRecord.own])).toEqual({
      counters: { seen: 1, words: 7 },
      timers: { slow: { count: 1, sumMs: 250 }, failing: { count: 1, sumMs: 0 } },
      models: {},
      overflow: 0,
    });
  });

  it('has the ids of its message on every log line', async () => {
    const { ports } = await handleWith(async (context) => context.logger.info('working', { page: 1 }));

    expect(ports.lines[0]).toMatchObject({
      message: 'working',
      fields: { page: 1, messageId: 'a', source: '/tests', correlationId: 'a', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });
});

const elsewhere = { uri: 's3://elsewhere/key', digest: `sha-256:${'0'.repeat(64)}`, sizeBytes: 1, contentType: 'text/plain' };

function cyclic(): unknown {
  const self: Record<string, unknown> = {};
  self.self = self;
  return self;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
