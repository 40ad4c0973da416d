import * as z from 'zod/mini';

const identifier = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[\w.:-]+$/, 'must be letters, digits and _ . : -'));

export const orderSchema = z.object({
  orderId: identifier,
  /** In the currency's minor unit: 1999 EUR is 19.99 euros. */
  amount: z.object({
    value: z.int().check(z.positive(), z.lte(99_999_999)),
    currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')),
  }),
  /** The payment service's token for a card or account; never a card number. */
  paymentMethod: z.string().check(z.regex(/^pm_\w{1,64}$/, 'must be a payment method token')),
  items: z
    .array(z.object({ sku: identifier, quantity: z.int().check(z.positive(), z.lte(10_000)) }))
    .check(z.minLength(1), z.maxLength(100)),
});

export type Order = z.output<typeof orderSchema>;
