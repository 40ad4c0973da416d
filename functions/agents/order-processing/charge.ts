import { HttpError } from 'posthorn';
import * as z from 'zod/mini';
import type { Order } from './order.ts';

const chargeSchema = z.object({ id: z.string().check(z.minLength(1)), status: z.enum(['succeeded', 'pending']) });

export type Charge = z.output<typeof chargeSchema>;

export interface ChargeOptions {
  readonly url: string;
  /** The same key charges once, however often it is sent. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/**
 * Charges an order at the payment service.
 *
 * @throws HttpError for every answer that is not a success; its status says whether to retry, see `classifyCharge`
 * @throws TypeError when the answer is not a charge, or the service cannot be reached (with a `cause`)
 * @example
 * ```ts
 * const { id, status } = await charge(order, { url, idempotencyKey: context.idempotencyKey, signal: context.signal });
 * ```
 */
export async function charge(order: Order, { url, idempotencyKey, signal }: ChargeOptions): Promise<Charge> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ amount: order.amount, paymentMethod: order.paymentMethod, orderId: order.orderId }),
    signal,
  });
  if (!response.ok) {
    const error = HttpError.of(response);
    // A body that nobody reads holds its socket. That the connection broke off behind the status changes nothing of the answer.
    await response.body?.cancel().catch((cause: unknown) => {
      error.cause = cause;
    });
    throw error;
  }

  const answer = chargeSchema.safeParse(await response.json());
  // Not permanent, and no schema error as its cause, which would be: the order is not at fault and may have been charged.
  if (!answer.success) throw new TypeError(`the payment service's answer is not a charge: ${z.prettifyError(answer.error)}`);
  return answer.data;
}
