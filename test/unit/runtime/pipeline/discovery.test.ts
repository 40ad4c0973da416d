import { describe, expect, test } from 'vitest';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { healthOf, offerOf } from '../../../helpers/offers.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { auditOf, recordOf, startProcess } from './testing-agent.ts';

const CAPABILITY = 'sentiment-analysis';

/** An agent that sends each message on to a capability. */
function startCalling(target: object = {}, ports = new MemoryPorts()) {
  const deliver = startProcess(ports, {
    calls: [CAPABILITY],
    handle: async (_message, context) => context.send({ capability: CAPABILITY, ...target }, { any: 'JSON' }),
  });
  return { ports, deliver, sentTo: () => ports.sent.map(({ queueUrl }) => queueUrl) };
}

const noAnswer = () => {
  throw new Error('no answer');
};

describe('A message to a capability', () => {
  test('goes to an agent that offers it, whichever process sends it', async () => {
    const { ports, deliver, sentTo } = startCalling();
    ports.offered.set(CAPABILITY, [offerOf('v1'), offerOf('v2')]);
    const other = startCalling({}, ports);

    for (const handle of [deliver, other.deliver])
      await handle(createMessage(`m-${sentTo().length}`, undefined, { envelope: { data: { text: 'a' }, correlationid: 'j-1' } }));

    expect(new Set(sentTo()).size).toBe(1);
    expect([inboxOf('v1'), inboxOf('v2')]).toContain(sentTo()[0]);
  });

  test('is the same agent’s when it is sent again, although another would be chosen now', async () => {
    const { ports, deliver, sentTo } = startCalling();
    ports.offered.set(CAPABILITY, [offerOf('v1')]);
    const record = createMessage('m-1');
    ports.faults.send = noAnswer;
    await deliver(record);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', outbox: [{ to: 'v1' }] });
    ports.faults.send = undefined;
    ports.offered.set(CAPABILITY, [offerOf('v2')]);
    ports.clock.advance(60_000);

    expect(await startCalling({}, ports).deliver(receivedAgain(record))).toEqual([]);
    expect(sentTo()).toEqual([inboxOf('v1')]);
  });

  test('is put back while no agent matches, as no attempt, and says what was asked and what there is', async () => {
    const { ports, deliver, sentTo } = startCalling({ version: '>=2.0', maxLatencyMs: 100 });
    ports.offered.set(CAPABILITY, [
      offerOf('v1', { health: healthOf({ p95Ms: 20 }) }),
      offerOf('v2', { version: '2.1.0', health: healthOf({ p95Ms: 300 }) }),
    ]);
    const record = createMessage('m-1', undefined, { messageId: 'sqs-1' });

    expect(await deliver(record)).toEqual(['sqs-1']);
    expect(recordOf(ports, 'm-1')).toBeUndefined();
    expect(auditOf(ports, 'm-1')?.fields).toMatchObject({ outcome: 'retry' });
    expect(JSON.stringify(auditOf(ports, 'm-1')?.fields, (_key, value) => (value instanceof Error ? value.message : value))).toContain(
      "no agent has the capability 'sentiment-analysis' with version >=2.0, at most 100 ms: those that offer it: v1 (1.0.0, 20 ms), v2 (2.1.0, 300 ms)",
    );

    ports.offered.set(CAPABILITY, [offerOf('v2', { version: '2.1.0' })]);
    ports.clock.advance(1_000);
    expect(await deliver(receivedAgain(record))).toEqual([]);
    expect(recordOf(ports, 'm-1')).toMatchObject({ outcome: 'processed', attempts: [] });
    expect(sentTo()).toEqual([inboxOf('v2')]);
  });

  test('is put back where the capability is not offered at all', async () => {
    const { ports, deliver } = startCalling();

    expect(await deliver(createMessage('m-1', undefined, { messageId: 'sqs-1' }))).toEqual(['sqs-1']);
    expect(JSON.stringify(ports.lines, (_key, value) => (value instanceof Error ? value.message : value))).toContain(
      "no agent has the capability 'sentiment-analysis': no agent of the mesh offers it",
    );
  });

  test('ends as dead-lettered at its tenth receive, with a reason that is true, and without an attempt', async () => {
    const { ports, deliver, sentTo } = startCalling();
    let record = createMessage('m-1', undefined, { messageId: 'sqs-1' });
    for (let receive = 1; receive < 10; receive++) {
      expect(await deliver(record)).toEqual(['sqs-1']);
      record = receivedAgain(record);
    }

    expect(await deliver(record)).toEqual([]);
    expect(recordOf(ports, 'm-1')).toMatchObject({
      outcome: 'dead-lettered',
      attempts: [],
      error: {
        code: 'ReceivesExhausted',
        reason: 'received 10 times without an outcome: its processes crashed or put it back, and their log lines say why',
      },
    });
    expect(sentTo()).toEqual([expect.stringContaining('dlq')]);
  });

  test('goes to a bad agent where all are, which is logged', async () => {
    const { ports, deliver, sentTo } = startCalling();
    const ejectedUntil = ports.clock.now() + 60_000;
    ports.offered.set(CAPABILITY, [offerOf('v1', { health: healthOf({ isBad: true, ejectedUntil, errorShare: 1, reason: 'it fails' }) })]);

    await deliver(createMessage('m-1'));

    expect(sentTo()).toEqual([inboxOf('v1')]);
    expect(ports.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ capability: CAPABILITY, agent: 'v1', reason: 'it fails' }),
      }),
    );
  });

  test('is refused where the definition does not call it, and with a version that is no range', async () => {
    const ports = new MemoryPorts();
    ports.offered.set(CAPABILITY, [offerOf('v1')]);
    const deliver = startProcess(ports, {
      calls: ['other'],
      handle: async (_message, context) => context.send({ capability: CAPABILITY }, 1),
    });
    await deliver(createMessage('m-1'));
    await startCalling({ version: 'newest' }, ports).deliver(createMessage('m-2'));

    expect(recordOf(ports, 'm-1')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'UnknownTarget', reason: expect.stringContaining("add it to the definition's calls") },
    });
    expect(recordOf(ports, 'm-2')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'InvalidTarget', reason: expect.stringContaining("'newest'") },
    });
  });
});

describe('context.findAgents', () => {
  /** What a handler finds, and the error of one that fails. */
  async function found(query: object, offers: Parameters<typeof offerOf>[] = []) {
    const ports = new MemoryPorts();
    ports.offered.set(
      CAPABILITY,
      offers.map((each) => offerOf(...each)),
    );
    const deliver = startProcess(ports, {
      calls: [CAPABILITY],
      handle: async (_message, context) => context.findAgents({ capability: CAPABILITY, ...query }),
    });
    await deliver(createMessage('m-1', undefined, { messageId: 'sqs-1' }));
    return { record: recordOf(ports, 'm-1'), requests: ports.requests.offers };
  }

  const three: Parameters<typeof offerOf>[] = [
    ['v1', { weight: 90, health: healthOf({ p95Ms: 20 }) }],
    ['v2', { weight: 10, version: '2.0.0', health: healthOf({ p95Ms: 300, ejectedUntil: Number.MAX_SAFE_INTEGER, reason: 'it fails' }) }],
    ['v3', { weight: 10, version: '3.0.0' }],
  ];

  test('lists those that match, the best first, by one read', async () => {
    const { record, requests } = await found({}, three);

    expect(record?.result).toMatchObject([
      { agent: 'v1', version: '1.0.0', weight: 90, isHealthy: true, p95Ms: 20 },
      { agent: 'v3', isHealthy: true },
      { agent: 'v2', isHealthy: false, reason: 'it fails' },
    ]);
    expect(requests).toBe(1);
  });

  test.each<[object, readonly string[]]>([
    [{ healthy: true }, ['v1', 'v3']],
    [{ healthy: false }, ['v2']],
    [{ version: '>=2.0', limit: 1 }, ['v3']],
    [{ maxLatencyMs: 100 }, ['v1', 'v3']],
    [{ maxLatencyMs: 100, unmeasured: 'exclude' }, ['v1']],
    [{ version: '>=4.0' }, []],
  ])('finds with %j %j', async (query, agents) => {
    expect((await found(query, three)).record?.result).toEqual(agents.map((agent) => expect.objectContaining({ agent })));
  });

  test.each([
    [{ version: 'newest' }, 'InvalidTarget'],
    [{ maxLatencyMs: -1 }, 'InvalidTarget'],
    [{ limit: 0 }, 'InvalidTarget'],
    [{ capability: 'other' }, 'UnknownTarget'],
  ])('refuses %j as %s', async (query, code) => {
    expect((await found(query, three)).record).toMatchObject({ outcome: 'rejected', error: { code } });
  });

  test('puts the message back while the registry cannot be read', async () => {
    const ports = new MemoryPorts();
    ports.faults.offers = noAnswer;
    const deliver = startProcess(ports, {
      calls: [CAPABILITY],
      handle: async (_message, context) => context.findAgents({ capability: CAPABILITY }),
    });

    expect(await deliver(createMessage('m-1', undefined, { messageId: 'sqs-1' }))).toEqual(['sqs-1']);
    expect(recordOf(ports, 'm-1')).toBeUndefined();
  });
});

describe('The offers', () => {
  test('are read once in ten seconds by a process that sends 1,000 messages a second', async () => {
    const { ports, deliver, sentTo } = startCalling();
    ports.offered.set(CAPABILITY, [offerOf('v1'), offerOf('v2')]);
    for (let nth = 0; nth < 20_000; nth += 10) {
      await deliver(...Array.from({ length: 10 }, (_, index) => createMessage(`m-${nth + index}`)));
      expect(ports.requests.offers).toBe(nth < 10_000 ? 1 : 2);
      ports.clock.advance(10);
    }
    expect(sentTo()).toHaveLength(20_000);
  });

  test('are read once where nobody matches, and once more for each message that comes later: an agent may have come since', async () => {
    const { ports, deliver } = startCalling();
    await deliver(createMessage('m-0'), createMessage('n-0'));
    expect(ports.requests.offers).toBe(1);
    ports.clock.advance(1);
    await deliver(createMessage('m-1'), createMessage('n-1'));
    expect(ports.requests.offers).toBe(2);
  });

  test('of a warm process outlast an outage of five minutes; a process without any puts messages back', async () => {
    const { ports, deliver, sentTo } = startCalling();
    ports.offered.set(CAPABILITY, [offerOf('v1')]);
    await deliver(createMessage('m-0'));
    ports.faults.offers = noAnswer;

    for (let minute = 1; minute < 5; minute++) {
      ports.clock.advance(60_000);
      expect(await deliver(createMessage(`m-${minute}`))).toEqual([]);
    }
    expect(sentTo()).toHaveLength(5);
    expect(await startCalling({}, ports).deliver(createMessage('cold', undefined, { messageId: 'sqs-cold' }))).toEqual(['sqs-cold']);
    expect(recordOf(ports, 'cold')).toBeUndefined();
    ports.clock.advance(60_000);
    expect(await deliver(createMessage('late', undefined, { messageId: 'sqs-late' }))).toEqual(['sqs-late']);
  });
});
