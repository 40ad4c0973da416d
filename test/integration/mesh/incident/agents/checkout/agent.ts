import * as z from 'zod/mini';
import { orderSchema } from '../../../../../../functions/agents/order-processing/order.ts';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';

/** Hands an order to everybody who works on it. One of them is a sample agent. */
export default defineAgent({
  id: 'checkout',
  version: '1.4.0',
  description: 'Hands an order to payment, fraud check, stock and shipping.',
  capabilities: [{ id: 'checkout', name: 'Checkout', description: 'Takes orders.', tags: ['orders'] }],
  input: z.object({ order: orderSchema, label: z.string() }),
  sendsTo: ['order-processing', 'fraud-check', 'stock-keeping', 'label-printing'],
  async handle({ data: { order, label } }, context) {
    await context.send('order-processing', order);
    await context.send('fraud-check', order);
    await context.send('stock-keeping', order);
    await context.send('label-printing', { orderId: order.orderId, label });
  },
});
