import * as z from 'zod/mini';

export const orderSchema = z.object({
  endpoint: z.string(),
  queueUrl: z.string(),
  messages: z.int(),
  /** Sends at this constant rate; `undefined` sends as fast as the queue accepts messages. */
  ratePerSecond: z.optional(z.number()),
});

export type Order = z.output<typeof orderSchema>;

export const deliverySchema = z.object({
  /** SQS message id and due time, in epoch milliseconds with fractions. */
  sent: z.array(z.tuple([z.string(), z.number()])),
  cpuMicros: z.number(),
});

export type Delivery = z.output<typeof deliverySchema>;
