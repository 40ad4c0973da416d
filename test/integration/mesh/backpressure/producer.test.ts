import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BackpressureError,
  createProducer,
  InvalidEventError,
  InvalidOptionsError,
  MeshClient,
  type MeshProducer,
  NotOfferedError,
  ProducerClosedError,
  type ProducerOptions,
  UnknownAgentError,
} from '../../../../client/index.ts';
import { functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { collect } from '../../../helpers/streams.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

let fixture: MeshFixture;
let client: MeshClient;
let place: ProducerOptions;

beforeAll(async () => {
  fixture = await startMeshFixture({
    agentsFolder: join(import.meta.dirname, 'agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
  const { endpoint, region } = fixture.cloud;
  place = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  client = new MeshClient(place);
  await until('the probe has seen both', async () => (await client.metrics()).length === 2);
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await fixture?.[Symbol.asyncDispose]();
});

const producerOf = (options: ProducerOptions = {}): MeshProducer => createProducer({ ...place, ...options });

/** Runs the command posthorn against this mesh. */
function command(...given: readonly (string | { readonly stdin: string })[]): ReturnType<typeof posthorn> {
  const { endpoint, region } = fixture.cloud;
  const args = given.filter((each) => typeof each === 'string');
  const options = given.find((each) => typeof each === 'object') ?? {};
  return posthorn([...args, '--endpoint-url', endpoint, '--region', region], options);
}

function* orders(count: number) {
  for (let nth = 0; nth < count; nth++) yield { nth };
}

describe('A producer', () => {
  test('sends to an agent and to a capability, and has each event handled', async () => {
    await using producer = producerOf();
    const sent = await Promise.all([
      producer.send('last', { nth: 1 }),
      producer.send({ capability: 'keeping-orders' }, { nth: 2 }, { type: 'order.placed', source: 'https://shop.example.com' }),
      producer.send({ capability: 'keeping-orders', version: '^1.0' }, { nth: 3 }),
    ]);

    await fixture.acknowledged(sent.map(({ messageId }) => messageId));
    expect(sent[1]).toMatchObject({ source: 'https://shop.example.com', traceparent: expect.stringMatching(/^00-/) });
    expect(producer.targets().map(({ agent }) => agent)).toEqual(['last']);
  });

  test('sends an event again under its id, and it is handled once', async () => {
    await using producer = producerOf();
    const event = { id: 'order-4711', source: 'https://shop.example.com', type: 'order.placed', specversion: '1.0', data: { nth: 1 } };
    const both = [await producer.send('last', event), await producer.send('last', event)];

    await fixture.acknowledged(both.map(({ messageId }) => messageId));
    await until('the second one is a duplicate', async () => {
      const of = (await client.metrics()).find(({ agent }) => agent === 'last');
      return (of?.counts.duplicates ?? 0) > 0;
    });
  });

  test.each<[string, () => AsyncIterable<{ nth: number }> | Iterable<{ nth: number }>]>([
    ['an array', () => [...orders(250)]],
    ['a generator', () => orders(250)],
    ['a Node stream', () => Readable.from(orders(250))],
    ['a web stream', () => ReadableStream.from(orders(250))],
  ])('sends what %s has, ten in a request, and holds no more than it may', async (_source, open) => {
    await using producer = producerOf({ maxInFlight: 50, governor: 'off' });
    let most = 0;
    const results = [];
    for await (const result of producer.sendMany('last', open())) {
      most = Math.max(most, producer.inFlight());
      results.push(result);
    }

    expect(results.map(({ status }) => status)).toEqual(Array(250).fill('sent'));
    expect(results.map(({ item }) => item.nth).sort((one, other) => one - other)).toEqual([...orders(250)].map(({ nth }) => nth));
    expect(most).toBeLessThanOrEqual(50);
    await fixture.acknowledged(results.map((result) => (result.status === 'sent' ? result.messageId : '')));
  });

  test('puts data that does not fit into a message into the content bucket', async () => {
    await using producer = producerOf();
    const [result] = await collect(producer.sendMany({ capability: 'taking-orders' }, [{ nth: 1, text: 'x'.repeat(1_500_000) }]));

    expect(result).toMatchObject({ status: 'sent', message: { claimCheck: true } });
    await fixture.acknowledged([result?.status === 'sent' ? result.messageId : '']);
  });

  test('refuses what no agent takes, each with its remedy, before it takes an item', async () => {
    await using producer = producerOf();
    let taken = 0;
    function* counted() {
      for (; ; taken++) yield { nth: taken };
    }
    const remedy = (text: string) => expect.objectContaining({ remedy: expect.stringContaining(text) });
    const many = (target: Parameters<MeshProducer['sendMany']>[0]) => collect(producer.sendMany(target, counted()));

    await expect(producer.send('lats', { nth: 1 })).rejects.toThrow(UnknownAgentError);
    await expect(many('lats')).rejects.toEqual(remedy("Did you mean 'last'?"));
    expect(taken).toBe(0);
    await expect(producer.send({ capability: 'flying' }, {})).rejects.toEqual(remedy('Deploy an agent with this capability.'));
    await expect(many({ capability: 'keeping-orders', version: '>=2' })).rejects.toThrow(NotOfferedError);
    await expect(producer.send({ capability: 'keeping-orders', version: 'new' }, {})).rejects.toThrow(/is not a range/);
    await expect(producer.send({ capability: '../etc' }, {})).rejects.toThrow(/is not a capability/);
    await expect(producer.send('last', { specversion: '1.0', time: 'now', data: {} })).rejects.toThrow(InvalidEventError);
    expect([producer.inFlight(), producer.load()]).toEqual([0, 0]);
  });

  test('has items that fail alone, and goes on', async () => {
    await using producer = producerOf();
    const results = await collect(producer.sendMany('last', [{ specversion: '0.3' }, { nth: 1 }]));

    expect(results.map(({ status }) => status).sort()).toEqual(['failed', 'sent']);
  });

  test('takes no more when it is closed, and has sent what it had', async () => {
    const producer = producerOf({ lingerMs: 60_000 });
    const sent = [producer.send('last', { nth: 1 }), producer.send('last', { nth: 2 })];
    await until('they wait for a full request', () => producer.inFlight() === 2);
    await producer.close();

    expect((await Promise.all(sent)).every(({ messageId }) => messageId !== '')).toBe(true);
    await expect(producer.send('last', { nth: 3 })).rejects.toThrow(ProducerClosedError);
    await expect(collect(producer.sendMany('last', [{ nth: 3 }]))).rejects.toThrow(ProducerClosedError);
    await expect(collect(producer.sendMany({ capability: 'keeping-orders' }, [{ nth: 3 }]))).rejects.toThrow(ProducerClosedError);
    await producer.close();
  });

  test('that is closed in a hurry ends what it holds back: each message says so', async () => {
    const producer = producerOf({ governor: 0.001, lingerMs: 0, maxInFlight: 2 });
    await producer.send('last', { nth: 1 });
    const braked = Array.from({ length: 5 }, (_, nth) => producer.send('last', { nth }));
    const many = collect(producer.sendMany({ capability: 'keeping-orders' }, [{ nth: 6 }, { nth: 7 }]));
    const unsent = Promise.allSettled([...braked, many]);
    await until('they wait', () => producer.inFlight() === 2);
    const hurry = new AbortController();
    const closing = producer.close({ signal: hurry.signal });
    const flushing = producer.flush({ signal: hurry.signal });
    hurry.abort(new Error('the process ends'));

    await expect(closing).rejects.toThrow('the process ends');
    await expect(flushing).rejects.toThrow('the process ends');
    for (const each of await unsent)
      expect(each).toMatchObject({ reason: { code: 'ProducerClosed', cause: new Error('the process ends') } });
    expect(producer.inFlight()).toBe(0);
    await producer.close();
  });

  test('refuses options that are out of range, and names them', () => {
    const refused: readonly [object, string][] = [
      [{ maxInFlight: 0 }, 'maxInFlight'],
      [{ maxWaiting: -1 }, 'maxWaiting'],
      [{ lingerMs: 0.5 }, 'lingerMs'],
      [{ concurrency: Number.NaN }, 'concurrency'],
      [{ mode: 'drop' }, 'mode'],
      [{ governor: 0 }, 'governor'],
      [{ governor: 'maybe' }, 'governor'],
      [{ governor: 1e-9 }, 'governor'],
      [{ maxInflight: 5 }, 'Unrecognized key: "maxInflight"'],
      [{ onLoadError: 5 }, 'onLoadError'],
      [{ meter: {} }, 'meter.createObservableGauge'],
    ];
    for (const [options, name] of refused) {
      expect(() => producerOf(options)).toThrow(InvalidOptionsError);
      expect(() => producerOf(options)).toThrow(new RegExp(`^createProducer: .*${name}`, 's'));
    }
  });

  test('refuses what is no target, no option, no list and no JSON, each with its remedy', async () => {
    await using producer = producerOf();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const refused: readonly [() => Promise<unknown>, string][] = [
      [() => producer.send(JSON.parse('null'), {}), 'the target is null'],
      [() => producer.send(JSON.parse('{"version":"^1"}'), {}), 'the target is an object without any'],
      [() => producer.send('last', {}, JSON.parse('{"timeout":5}')), "there is no option 'timeout'"],
      [() => collect(producer.sendMany('last', 'abc')), 'the items are string'],
      [() => collect(producer.sendMany('last', JSON.parse('{}'))), 'the items are an object without any'],
      [() => producer.send('last', undefined), 'data: is undefined: give a value that JSON has'],
      [() => producer.send('last', () => 1), 'data: is function'],
      [() => producer.send('last', 1n), 'cannot be written as JSON'],
      [() => producer.send('last', cycle), 'cannot be written as JSON'],
      [() => producer.send('', {}), 'has no agent'],
      [() => producer.send('../last', {}), 'has no agent'],
    ];
    for (const [call, message] of refused) await expect(call()).rejects.toThrow(message);
    const results = await collect(producer.sendMany<unknown>('last', [1n, { nth: 1 }, cycle]));
    expect(results.map(({ status }) => status).sort()).toEqual(['failed', 'failed', 'sent']);
    // Names that are not there leave nothing behind.
    expect(producer.targets().map(({ agent }) => agent)).toEqual(['last']);
  });

  test('waits for nothing after its signal, and holds up no message to another agent', async () => {
    await client.pause('last');
    try {
      await using producer = producerOf({ maxInFlight: 1, governor: 0.01 });
      await producer.send('last', { nth: 1 });
      const ended = new AbortController();
      const waiting = producer.send('last', { nth: 2 }, { signal: ended.signal });
      const next = producer.send('last', { nth: 3 }, { signal: ended.signal });
      expect((await producer.send('first', { nth: 4 })).messageId).not.toBe('');
      ended.abort(new Error('no longer'));
      for (const each of [waiting, next]) await expect(each).rejects.toThrow('no longer');
    } finally {
      await client.resume('last');
    }
  });
});

test('posthorn send goes as fast as the agent can handle it, and needs nothing but the mesh', async () => {
  const lines = [...orders(40)].map((order) => JSON.stringify(order)).join('\n');
  const { code, stdout, stderr } = await command('send', '-', '--agent', 'last', '--json', { stdin: lines });

  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ sent: 40, failed: 0, untried: 0 });
  const slow = await command('send', '-', '--agent', 'last', '--rate', '100', '--in-flight', '5', { stdin: lines });
  expect([slow.code, slow.stderr]).toEqual([0, '']);
});

describe('Backpressure', () => {
  test('is an error at once where the producer does not wait, and where too many wait', async () => {
    await using rejecting = producerOf({ mode: 'reject', maxInFlight: 1, lingerMs: 50 });
    const first = rejecting.send('last', { nth: 1 });
    await expect(rejecting.send('last', { nth: 2 })).rejects.toEqual(
      expect.objectContaining({ code: 'Backpressure', load: 1, retryAfterMs: 100 }),
    );
    await first;
    await rejecting.send('last', { nth: 3 });

    await using waiting = producerOf({ maxInFlight: 1, maxWaiting: 1 });
    const two = [waiting.send('last', { nth: 1 }), waiting.send('last', { nth: 2 })];
    await expect(waiting.send('last', { nth: 3 })).rejects.toThrow(BackpressureError);
    await Promise.all(two);
  });

  test('a signal ends the waiting for a turn; the message is not sent, and the next one has the turn', async () => {
    await using producer = producerOf({ maxInFlight: 1, lingerMs: 100 });
    const controller = new AbortController();
    const first = producer.send('last', { nth: 1 });
    const aborted = producer.send('last', { nth: 2 }, { signal: controller.signal });
    const other = producer.send('last', { nth: 3 });
    controller.abort(new Error('no longer'));

    await expect(aborted).rejects.toThrow('no longer');
    await fixture.acknowledged((await Promise.all([first, other])).map(({ messageId }) => messageId));
    await expect(producer.send('last', { nth: 4 }, { signal: AbortSignal.timeout(1) })).rejects.toThrow();
  });

  test('reaches the first producer through a chain, and nothing in between is lost', async () => {
    await client.pause('last');
    try {
      await using flood = producerOf({ governor: 'off' });
      const results = await collect(flood.sendMany('first', orders(200)));
      await fixture.acknowledged(results.map((result) => (result.status === 'sent' ? result.messageId : '')));
      const readingOf = async (agent: string) => (await client.metrics()).find((each) => each.agent === agent)?.reading;
      await until('it is published that the last one receives nothing', async () => {
        const { backlog, downstream } = (await readingOf('first')) ?? {};
        return backlog === 0 && downstream?.agent === 'last' && downstream.drainRatio === 0;
      });

      // A message is let through: it would find out that the agent receives again.
      await using producer = producerOf({ mode: 'reject' });
      await producer.send('first', { nth: 1_000 });
      expect(producer.load()).toBe(1);
      const refused = producer.send('first', { nth: 1_001 });
      await expect(refused).rejects.toThrow("the message was not sent: 'first' can handle no more now");
      await expect(refused).rejects.toMatchObject({ code: 'Backpressure', load: 1 });
      expect((await command('top', '--once')).stdout).toMatch(/^last holds producers back for \d+m?s?.*: none is received$/m);
    } finally {
      await client.resume('last');
    }
    await until('nothing waits any more', async () => {
      const depths = await Promise.all([client.depth('first', 'inbox'), client.depth('last', 'inbox')]);
      return depths.every(({ visible, inFlight }) => visible + inFlight === 0);
    });
    const kept = (await client.metrics()).map(({ agent, queues }) => [agent, queues.errors.visible, queues.deadLetters.visible]);
    expect(kept).toEqual([
      ['first', 0, 0],
      ['last', 0, 0],
    ]);
    await until('producers are free again', async () => {
      await using producer = producerOf();
      await producer.send('first', { nth: 1_002 });
      return producer.load() < 1;
    });
  });

  test('is measured where the producer has a meter', async () => {
    const observed: Record<string, number> = {};
    const observe = (name: string, value: number) => {
      observed[name] = value;
    };
    const callbacks: ((result: { observe(value: number): void }) => void)[] = [];
    await using producer = producerOf({
      meter: {
        createObservableGauge: (name) => ({
          addCallback: (callback) => void callbacks.push(() => void callback({ observe: (value: number) => observe(name, value) })),
          removeCallback: () => void callbacks.pop(),
        }),
        createCounter: (name) => ({ add: (value) => observe(name, (observed[name] ?? 0) + value) }),
      },
    });
    await Promise.all([producer.send('last', { nth: 1 }), producer.send('last', { nth: 2 })]);
    for (const callback of callbacks) callback({ observe: () => undefined });

    expect(observed).toMatchObject({
      'posthorn.producer.load': expect.any(Number),
      'posthorn.producer.in_flight': 0,
      'posthorn.producer.sent': 2,
    });
    expect(observed['posthorn.producer.rate']).toBeGreaterThan(0);
    expect(observed).toHaveProperty(['posthorn.producer.pressure']);
    await producer.close();
    expect(callbacks).toEqual([]);
  });
});
