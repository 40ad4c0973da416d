import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import agent from '../../../functions/agents/order-processing/agent.ts';
import type { Order } from '../../../functions/agents/order-processing/order.ts';
import { startPaymentService } from '../../../functions/agents/order-processing/payment-service.ts';
import { classify } from '../../../functions/runtime/failure/classify.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeMessage } from '../../../testing/fake-message.ts';
import { MemoryPorts } from '../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../helpers/records.ts';
import { startAgent } from '../runtime/pipeline/testing-agent.ts';

const order = (paymentMethod: string): Order => ({
  orderId: 'o-1',
  amount: { value: 1_999, currency: 'EUR' },
  paymentMethod,
  items: [{ sku: 'kettle-1', quantity: 1 }],
});

describe('order-processing', () => {
  let payments: Awaited<ReturnType<typeof startPaymentService>>;
  beforeEach(async () => {
    payments = await startPaymentService();
    vi.stubEnv('PAYMENT_URL', payments.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    await payments.close();
  });
  const failureOf = async (paymentMethod: string, context = fakeContext()) => {
    const error = await agent.handle(fakeMessage(order(paymentMethod)), context).catch((thrown: unknown) => thrown);
    return { error, classification: agent.classify?.(error) ?? classify(error, 0) };
  };

  it('charges an order, records the charge and replies it', async () => {
    const context = fakeContext({ idempotencyKey: 'key-of-order' });

    const result = await agent.handle(fakeMessage(order('pm_ok')), context);

    expect(result).toEqual({ orderId: 'o-1', chargeId: 'ch_1', status: 'succeeded' });
    expect(context.replies).toEqual([result]);
    expect(payments.charges()).toMatchObject([
      { orderId: 'o-1', idempotencyKey: 'key-of-order', amount: { value: 1_999, currency: 'EUR' } },
    ]);
  });

  it('charges once, however many attempts there are', async () => {
    const first = await agent.handle(fakeMessage(order('pm_ok')), fakeContext());
    const second = await agent.handle(fakeMessage(order('pm_ok')), fakeContext());

    expect(second).toEqual(first);
    expect(payments.charges()).toHaveLength(1);
  });

  it.each([
    ['pm_down', { kind: 'transient', code: 'Http503' }],
    ['pm_rate_limited', { kind: 'transient', code: 'Http429', retryAfterSeconds: 1 }],
    ['pm_in_progress', { kind: 'transient', code: 'ChargeInProgress', retryAfterSeconds: 1 }],
    ['pm_declined', { kind: 'permanent', code: 'Http402' }],
    ['pm_malformed', { kind: 'unknown', code: 'TypeError' }],
  ])('fails for %s as the service means it', async (paymentMethod, expected) => {
    const context = fakeContext();

    const { classification } = await failureOf(paymentMethod, context);

    expect(classification).toEqual(expected);
    expect(context.replies).toEqual([]);
    expect(payments.charges()).toEqual([]);
  });

  it('comes back while an earlier attempt is in progress, and is charged once', async () => {
    const ports = new MemoryPorts();
    const deliver = startAgent(ports, agent);
    const message = createMessage('o-1', order('pm_in_progress'));

    expect(await deliver(message)).toEqual([message.messageId]);
    expect(await deliver(receivedAgain(message))).toEqual([]);

    expect(ports.recordAt('order-processing /tests o-1')).toMatchObject({
      outcome: 'processed',
      attempts: [{ kind: 'transient', code: 'ChargeInProgress' }],
    });
    expect(payments.charges()).toHaveLength(1);
  });

  it('is rejected for a key that the service knows with another charge', async () => {
    await agent.handle(fakeMessage(order('pm_ok')), fakeContext());

    expect((await failureOf('pm_declined')).classification).toEqual({ kind: 'permanent', code: 'Http422' });
  });

  it('holds no connection for an answer that it does not read', async () => {
    let closed: Promise<unknown> | undefined;
    const server = createServer((_, response) => {
      closed = once(response, 'close');
      response.writeHead(503).write('never ends');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = z.object({ port: z.int() }).parse(server.address());
    vi.stubEnv('PAYMENT_URL', `http://127.0.0.1:${port}`);
    try {
      expect((await failureOf('pm_ok')).classification).toEqual({ kind: 'transient', code: 'Http503' });
      await closed;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('keeps the answer if the connection breaks after its status', async () => {
    const cause = new TypeError('terminated');
    const body = new ReadableStream({ start: (controller) => controller.error(cause) });
    vi.stubGlobal('fetch', async () => new Response(body, { status: 402 }));

    expect(await failureOf('pm_ok')).toMatchObject({ error: { cause }, classification: { kind: 'permanent', code: 'Http402' } });
  });

  it('gives up waiting when the time is up', async () => {
    const abort = new AbortController();
    const failing = failureOf('pm_hangs', fakeContext({ signal: abort.signal }));

    abort.abort(new DOMException('time is up', 'TimeoutError'));

    expect((await failing).classification).toEqual({ kind: 'transient', code: 'TimeoutError' });
  });

  it('fails as transient while the service cannot be reached', async () => {
    await payments.close();

    expect((await failureOf('pm_ok')).classification).toEqual({ kind: 'transient', code: 'ECONNREFUSED' });
    payments = await startPaymentService();
  });

  it('is exclusive: a charge is an effect elsewhere', () => {
    expect(agent.exclusive).toBe(true);
    expect(agent.environment).toEqual({ PAYMENT_URL: 'https://payments.example.com/v1/charges' });
  });

  it.each([
    ['a negative amount', { ...order('pm_ok'), amount: { value: -1, currency: 'EUR' } }],
    ['a fraction of a cent', { ...order('pm_ok'), amount: { value: 19.99, currency: 'EUR' } }],
    ['a currency that is none', { ...order('pm_ok'), amount: { value: 1, currency: 'euro' } }],
    ['a card number', { ...order('pm_ok'), paymentMethod: '4242424242424242' }],
    ['no items', { ...order('pm_ok'), items: [] }],
  ])('refuses %s', (_, data) => {
    expect(z.safeParse(agent.input, data).success).toBe(false);
  });
});
