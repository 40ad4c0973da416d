import * as z from 'zod/mini';

export const orderSchema = z.object({
  endpoint: z.string(),
  queueUrl: z.string(),
  messages: z.int(),
  /** Sends at this rate whatever becomes of the messages; `undefined`: as fast as the queue takes them. */
  ratePerSecond: z.optional(z.number()),
});

export type Order = z.output<typeof orderSchema>;

export const deliverySchema = z.object({
  /** SQS message id and when it was due to be sent, in epoch milliseconds with fractions. */
  sent: z.array(z.tuple([z.string(), z.number()])),
  cpuMicros: z.number(),
});

export type Delivery = z.output<typeof deliverySchema>;
