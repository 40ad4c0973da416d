import * as z from 'zod/mini';
import { defineAgent } from '../../../../../../functions/runtime/agent/define-agent.ts';
import { TransientError } from '../../../../../../functions/runtime/failure/errors.ts';

/** The failing one: the warehouse is down, and has said for how long. */
export default defineAgent({
  id: 'stock-keeping',
  version: '2.0.1',
  description: 'Reserves the goods of an order in the warehouse.',
  capabilities: [{ id: 'stock-keeping', name: 'Stock keeping', description: 'Reserves goods.', tags: ['orders'] }],
  input: z.looseObject({ orderId: z.string() }),
  async handle() {
    throw new TransientError('Http503', 'the warehouse answers 503', { retryAfterSeconds: 600 });
  },
});
