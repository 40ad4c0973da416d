import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPaymentService } from '../../../functions/agents/order-processing/payment-service.ts';

describe('startPaymentService', () => {
  let payments: Awaited<ReturnType<typeof startPaymentService>>;
  beforeEach(async () => {
    payments = await startPaymentService();
  });
  afterEach(() => payments.close());

  const post = async (paymentMethod: string, key = 'key-1', orderId = 'o-1', signal: AbortSignal | null = null) => {
    const response = await fetch(payments.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ orderId, amount: { value: 100, currency: 'EUR' }, paymentMethod }),
      signal,
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
  };
  const statuses = async (paymentMethod: string, times: number) => {
    const seen: number[] = [];
    for (let nth = 0; nth < times; nth++) seen.push((await post(paymentMethod)).status);
    return seen;
  };

  it.each([
    ['pm_ok', [200, 200, 200], 1],
    ['pm_fails_twice', [503, 503, 200], 1],
    ['pm_rate_limited', [429, 200, 200], 1],
    ['pm_in_progress', [409, 200, 200], 1],
    ['pm_down', [503, 503, 503], 0],
    ['pm_declined', [402, 402, 402], 0],
    ['pm_malformed', [200, 200, 200], 0],
    ['pm_unheard_of', [400, 400, 400], 0],
  ])('plays %s', async (paymentMethod, expected, charges) => {
    expect(await statuses(paymentMethod, expected.length)).toEqual(expected);
    expect(payments.charges()).toHaveLength(charges);
  });

  it.each([
    ['pm_rate_limited', 429],
    ['pm_in_progress', 409],
  ])('says for %s when to come back', async (paymentMethod, status) => {
    expect(await post(paymentMethod)).toMatchObject({ status, retryAfter: '1' });
  });

  it('answers nothing of a charge for pm_malformed', async () => {
    expect((await post('pm_malformed')).body).toEqual({});
  });

  it('gives the same charge for the same key, and another for another', async () => {
    const first = await post('pm_ok', 'key-1', 'o-1');

    expect((await post('pm_ok', 'key-1', 'o-1')).body).toEqual(first.body);
    expect((await post('pm_ok', 'key-2', 'o-2')).body).toMatchObject({ id: 'ch_2', orderId: 'o-2', idempotencyKey: 'key-2' });
    expect(payments.charges().map(({ orderId }) => orderId)).toEqual(['o-1', 'o-2']);
  });

  it.each([
    ['charged', 'pm_ok'],
    ['not charged yet', 'pm_down'],
  ])('answers 422 for a key that comes back with another body, its first one %s', async (_, paymentMethod) => {
    await post(paymentMethod, 'key-1', 'o-1');

    expect((await post(paymentMethod, 'key-1', 'o-2')).status).toBe(422);
    expect((await post('pm_declined', 'key-1', 'o-1')).status).toBe(422);
    expect((await post(paymentMethod, 'key-1', 'o-1')).status).not.toBe(422);
  });

  it('charges once when two requests with a key come at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => post('pm_ok')));

    expect(payments.charges()).toHaveLength(1);
  });

  it('lists what was charged', async () => {
    await post('pm_ok');

    expect(await (await fetch(payments.url)).json()).toEqual({ data: payments.charges() });
  });

  it('never answers pm_hangs, and still ends', async () => {
    const abort = new AbortController();
    const hanging = post('pm_hangs', 'key-1', 'o-1', abort.signal);
    await post('pm_ok', 'key-2');

    abort.abort();

    await expect(hanging).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it.each([
    ['another path', '/v1/refunds', { method: 'GET' }, 404],
    ['another method', '/v1/charges', { method: 'DELETE' }, 405],
    ['no idempotency key', '/v1/charges', { method: 'POST', body: '{}' }, 400],
    ['a body that is no JSON', '/v1/charges', { method: 'POST', headers: { 'idempotency-key': 'k' }, body: '{' }, 400],
    ['a body that is no charge', '/v1/charges', { method: 'POST', headers: { 'idempotency-key': 'k' }, body: '{}' }, 400],
    ['a body of 200 KB', '/v1/charges', { method: 'POST', headers: { 'idempotency-key': 'k' }, body: 'x'.repeat(200_000) }, 413],
  ])('refuses %s', async (_, path, init, status) => {
    expect((await fetch(new URL(path, payments.url), init)).status).toBe(status);
  });

  it('listens on 127.0.0.1 and reports a taken port', async () => {
    expect(payments.url).toBe(`http://127.0.0.1:${payments.port}/v1/charges`);
    await expect(startPaymentService({ port: payments.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
