import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';

const MAX_BODY_CHARACTERS = 100_000;

const requestSchema = z.object({
  orderId: z.string(),
  amount: z.object({ value: z.int(), currency: z.string() }),
  paymentMethod: z.string(),
});

type ChargeRequest = z.output<typeof requestSchema>;

/** A charge, one for each idempotency key. */
export interface RecordedCharge extends ChargeRequest {
  readonly id: string;
  readonly status: 'succeeded';
  readonly idempotencyKey: string;
}

export interface PaymentService {
  /** The URL for charges, for an agent's `PAYMENT_URL`. */
  readonly url: string;
  readonly port: number;
  /** All charges, in their order. */
  charges(): readonly RecordedCharge[];
  /** Also ends open requests. */
  close(): Promise<void>;
}

/** The use of a key so far. */
interface KeyUse {
  /** The first request's body, which later requests must repeat. */
  readonly first: string;
  readonly times: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Starts a payment service on 127.0.0.1. The payment method decides its answer, as Stripe's test tokens do:
 *
 * | paymentMethod | answer |
 * |---|---|
 * | `pm_ok` | charges |
 * | `pm_fails_twice` | 503 to the first two requests with a key, then charges |
 * | `pm_rate_limited` | 429 with `Retry-After: 1` to the first request with a key, then charges |
 * | `pm_in_progress` | 409 with `Retry-After: 1` to the first request with a key, as if an earlier one were in progress, then charges |
 * | `pm_down` | 503 |
 * | `pm_declined` | 402 |
 * | `pm_malformed` | 200 `{}` and no charge |
 * | `pm_hangs` | none |
 *
 * `POST /v1/charges` needs an `Idempotency-Key`. A key that was charged gets the same charge again; with another body it gets 422.
 * `GET /v1/charges` lists the charges. They are in memory only.
 *
 * @throws Error `EADDRINUSE` when the port is taken
 * @example
 * ```ts
 * await using payments = await startPaymentService();
 * process.env.PAYMENT_URL = payments.url;
 * ```
 * @see https://docs.stripe.com/testing
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header for 409 and 422 (Stripe: 409 and 400)
 */
export async function startPaymentService({ port = 0 }: { readonly port?: number } = {}): Promise<PaymentService & AsyncDisposable> {
  const charged = new Map<string, RecordedCharge>();
  const requests = new Map<string, KeyUse>();

  const server = createServer((request, response) => {
    void answer(request, charged, requests)
      .catch((error: unknown): Answer => ({ status: 400, body: { error: { message: String(error) } } }))
      .then((answered) => write(response, answered));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: boundPort } = z.object({ port: z.int() }).parse(server.address());

  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${boundPort}/v1/charges`,
    port: boundPort,
    charges: () => [...charged.values()],
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(
  request: IncomingMessage,
  charged: Map<string, RecordedCharge>,
  requests: Map<string, KeyUse>,
): Promise<Answer | undefined> {
  if (request.url !== '/v1/charges') return failed(404, 'not_found');
  if (request.method === 'GET') return { status: 200, body: { data: [...charged.values()] } };
  if (request.method !== 'POST') return failed(405, 'method_not_allowed');

  const body = await text(request);
  if (body.length > MAX_BODY_CHARACTERS) return failed(413, 'too_large');
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return failed(400, 'idempotency_key_missing');

  const order = requestSchema.parse(JSON.parse(body));
  const fingerprint = JSON.stringify(order);
  const { first, times } = requests.get(key) ?? { first: fingerprint, times: 0 };
  if (fingerprint !== first) return failed(422, 'idempotency_key_reused');
  const nth = times + 1;
  requests.set(key, { first, times: nth });

  const known = charged.get(key);
  if (known !== undefined) return { status: 200, body: known };
  return scripted(order, nth, () => {
    const charge: RecordedCharge = { id: `ch_${charged.size + 1}`, status: 'succeeded', idempotencyKey: key, ...order };
    charged.set(key, charge);
    return { status: 200, body: charge };
  });
}

/** @param nth the request's number among those with its key, from 1 */
function scripted(order: ChargeRequest, nth: number, charge: () => Answer): Answer | undefined {
  switch (order.paymentMethod) {
    case 'pm_ok':
      return charge();
    case 'pm_fails_twice':
      return nth <= 2 ? failed(503, 'unavailable') : charge();
    case 'pm_rate_limited':
      return nth === 1 ? later(429, 'rate_limited') : charge();
    case 'pm_in_progress':
      return nth === 1 ? later(409, 'idempotency_key_in_use') : charge();
    case 'pm_down':
      return failed(503, 'unavailable');
    case 'pm_declined':
      return failed(402, 'card_declined');
    case 'pm_malformed':
      return { status: 200, body: {} };
    case 'pm_hangs':
      return undefined;
    default:
      return failed(400, 'unknown_payment_method');
  }
}

function failed(status: number, code: string): Answer {
  return { status, body: { error: { code } } };
}

const later = (status: number, code: string): Answer => ({ ...failed(status, code), headers: { 'retry-after': '1' } });

/** A request without an answer stays open until the client or `close` ends it. */
function write(response: ServerResponse, answered: Answer | undefined): void {
  if (answered === undefined) return;
  response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers });
  response.end(JSON.stringify(answered.body));
}
