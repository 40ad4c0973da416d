import { defineLocal } from 'posthorn';
import { startPaymentService } from './payment-service.ts';

export default defineLocal(async ({ port }) => {
  const payments = await startPaymentService({ port });
  return {
    environment: { PAYMENT_URL: payments.url },
    // An idempotency key ends with the id of its message.
    facts: (messageIds) => ({
      charges: payments.charges().filter(({ idempotencyKey }) => messageIds.has(idempotencyKey.slice(idempotencyKey.lastIndexOf(' ') + 1)))
        .length,
    }),
    [Symbol.asyncDispose]: () => payments.close(),
  };
});
