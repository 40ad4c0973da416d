import { expect, test } from 'vitest';
import { itemBytes } from '../../../../bench/stub/item-size.ts';
import { toItem } from '../../../../functions/runtime/aws/ledger-item.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess } from './testing-agent.ts';

/** A write unit. Every part of the mesh that adds to the record shares it. */
const MAX_BYTES = 1_024;

test('A record of a processed message fits into one write unit, with usage, an index key and a message of 100 bytes in its outbox', async () => {
  const ports = new MemoryPorts();
  const id = '3f0c3b52-1a7e-4a86-9c5e-0a8f5c0f5b11';
  const deliver = startProcess(ports, {
    async handle(_message, context) {
      context.usage({ model: 'claude-sonnet-4-5-20250929', inputTokens: 12_345, outputTokens: 1_234 });
      await context.send('other', { note: 'x'.repeat(88) });
    },
  });

  await deliver(createMessage(id, undefined, { envelope: { correlationid: id } }));

  const record = recordOf(ports, id);
  if (record === undefined) throw new Error('nothing was written');
  const access = { principal: 'producer:storefront', action: 'process_orders', rule: 'role:storefront' };
  const whole = { ...record, access, journey: `${id}#3`, sender: 'AROAEXAMPLEEXAMPLEID:posthorn-prod-order-processing' };
  expect(whole).toMatchObject({ sentAt: expect.any(Number), receivedAt: expect.any(Number), handledAt: expect.any(Number) });
  expect(itemBytes(toItem(whole))).toBeLessThanOrEqual(MAX_BYTES);
  expect(itemBytes(toItem({ ...whole, outbox: [] }))).toBeLessThanOrEqual(MAX_BYTES / 2 + 64);
});
