import { defineAgent } from 'posthorn';
import { charge } from './charge.ts';
import { classifyCharge } from './classify-charge.ts';
import { orderSchema } from './order.ts';

const PAYMENT_URL = 'https://payments.example.com/v1/charges';

export default defineAgent({
  id: 'order-processing',
  version: '1.0.0',
  description: 'Charges an order once and records the charge.',
  capabilities: [
    {
      id: 'order-processing',
      name: 'Order processing',
      description: 'Charges an order at the payment service and answers the charge.',
      tags: ['orders', 'payment'],
    },
  ],
  input: orderSchema,
  actions: { place_orders: { types: ['order.placed'] } },
  // A charge is an effect outside the mesh: one attempt at a time, with a key by which the payment service recognises repeats.
  exclusive: true,
  environment: { PAYMENT_URL },
  classify: classifyCharge,

  async handle({ data: order }, context) {
    const { id, status } = await context.timer('charge', () =>
      charge(order, { url: process.env.PAYMENT_URL ?? PAYMENT_URL, idempotencyKey: context.idempotencyKey, signal: context.signal }),
    );
    const record = { orderId: order.orderId, chargeId: id, status };

    await context.reply(record, { type: 'order.charged' });
    return record;
  },
});
