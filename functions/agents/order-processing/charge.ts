import { HttpError } from 'posthorn';
import * as z from 'zod/mini';
import type { Order } from './order.ts';

const chargeSchema = z.object({ id: z.string().check(z.minLength(1)), status: z.enum(['succeeded', 'pending']) });

export type Charge = z.output<typeof chargeSchema>;

export interface ChargeOptions {
  readonly url: string;
  /** The payment service charges once for each key. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/**
 * Charges an order at the payment service.
 *
 * @throws HttpError for every answer that is not a success; `classifyCharge` decides by its status whether to retry
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
    // An unread body holds its socket. A connection that breaks after the status does not change the answer.
    await response.body?.cancel().catch((cause: unknown) => {
      error.cause = cause;
    });
    throw error;
  }

  const answer = chargeSchema.safeParse(await response.json());
  // A TypeError without a schema error as cause, which would be permanent: the order is not at fault and may have been charged.
  if (!answer.success) throw new TypeError(`the payment service's answer is not a charge: ${z.prettifyError(answer.error)}`);
  return answer.data;
}
