import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { itemBytes } from '../../../../bench/stub/item-size.ts';
import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { toItem } from '../../../../functions/runtime/aws/ledger-item.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { leastOptions, startAgent } from './testing-agent.ts';

/** A write unit. Every part of the mesh that adds to the record shares it. */
const UNIT = 1_024;

const ID = '3f0c3b52-1a7e-4a86-9c5e-0a8f5c0f5b11';
const SQS_ID = '0e070093-b1a5-48f7-ac55-f14152410a7a';
/** A JSON text without a character. */
const QUOTES = 2;

interface Shape {
  readonly agent: string;
  readonly source: string;
  readonly usesModel: boolean;
  /** With the setting `traceIndex`. */
  readonly hasTraceId: boolean;
}

/** The record of a processed message that was accepted by a role, is in the index of journeys, and has sent `dataBytes` on. */
async function recordOf({ agent, source, usesModel, hasTraceId }: Shape, dataBytes: number): Promise<LedgerRecord> {
  const ports = new MemoryPorts();
  const definition = defineAgent<z.ZodMiniUnknown, string>({
    ...leastOptions,
    id: agent,
    input: z.unknown(),
    async handle(_message, context) {
      if (usesModel) context.usage({ model: 'claude-sonnet-4-5-20250929', inputTokens: 12_345, outputTokens: 1_234 });
      await context.send('other', 'x'.repeat(dataBytes - QUOTES));
    },
  });
  await startAgent(ports, definition)(createMessage(ID, undefined, { messageId: SQS_ID, envelope: { correlationid: ID, source } }));
  const record = ports.recordAt(`${agent} ${source} ${ID}`);
  if (record === undefined) throw new Error('nothing was written');
  expect(record).toMatchObject({ sentAt: expect.any(Number), receivedAt: expect.any(Number), handledAt: expect.any(Number) });
  return {
    ...record,
    access: { principal: 'producer:storefront', action: 'process_orders', rule: 'role:storefront' },
    journey: `${ID}#3`,
    sender: 'AROAEXAMPLEEXAMPLEID:posthorn-prod-order-processing',
    ...(hasTraceId && { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }),
  };
}

const sizeOf = (record: LedgerRecord): number => itemBytes(toItem(record));

const SHORT = { agent: 'testing', source: '/tests', usesModel: false, hasTraceId: false };
const LONG = { ...SHORT, agent: 'document-extraction', source: 'https://shop.example.com' };

test.each<[string, Shape, number]>([
  ['short names and a model', { ...SHORT, usesModel: true }, 100],
  ['the names of a real mesh', LONG, 80],
  ['the names of a real mesh, and a model', { ...LONG, usesModel: true }, 40],
  ['the names of a real mesh, and the index by trace id', { ...LONG, hasTraceId: true }, 40],
])('a record with %s has room for data in its outbox, in one write unit', async (_, shape, dataBytes) => {
  expect(sizeOf(await recordOf(shape, dataBytes))).toBeLessThanOrEqual(UNIT);
});

test('a record with nothing in its outbox takes half a write unit', async () => {
  expect(sizeOf({ ...(await recordOf(SHORT, QUOTES)), outbox: [] })).toBeLessThanOrEqual(UNIT / 2);
});

test('a failed attempt adds less than a tenth of a write unit, with a short reason', async () => {
  const record = await recordOf(LONG, QUOTES);
  const attempt = {
    at: 1_767_225_600_000,
    from: 1_767_225_599_000,
    kind: 'transient',
    code: 'Http503',
    reason: 'the service answers 503',
  } as const;

  expect(sizeOf({ ...record, attempts: [attempt] }) - sizeOf(record)).toBeLessThanOrEqual(UNIT / 10);
});
