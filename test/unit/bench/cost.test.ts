import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { batchEvent, lambdaContext } from '../../../bench/batch-event.ts';
import relay from '../../../bench/compare/relay-agent.ts';
import { assumptions } from '../../../bench/cost/assumptions.ts';
import { costDocument } from '../../../bench/cost/cost-document.ts';
import { breakEvenKb, carriage, costPerMillion, tenantSurcharge, total } from '../../../bench/cost/cost-model.ts';
import { findCost, offersCost } from '../../../bench/cost/discovery-cost.ts';
import { idleAgent, idleMesh, monthlyTotal } from '../../../bench/cost/idle-cost.ts';
import { signalsCost, tracesCost } from '../../../bench/cost/signals-cost.ts';
import { memoryLedger, memoryPorts, memorySettings, silentLogger } from '../../../bench/overhead/memory-ports.ts';
import { offerItems } from '../../../bench/registry/offer-items.ts';
import { itemBytes } from '../../../bench/stub/item-size.ts';
import { MAX_INLINE_BYTES } from '../../../events/envelope.ts';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import { METRICS_COUNTERS } from '../../../events/metrics-record.ts';
import { snapshotSchema } from '../../../events/snapshot.ts';
import { toItem } from '../../../functions/runtime/aws/ledger-item.ts';
import { batchHandler } from '../../../functions/runtime/batch/handle-batch.ts';

test('docs/cost.md says what the model says: run `npm run bench -- cost` after a change', () => {
  const written = readFileSync(join(import.meta.dirname, '../../../docs/cost.md'), 'utf8');

  expect(written === costDocument(), 'docs/cost.md differs from the model').toBe(true);
});

describe('a million small messages', () => {
  const cost = (batchSize: number) => costPerMillion({ stack: 'posthorn', batchSize, payloadKb: 0.1 });

  test('cost one write unit each, one for the index, a tenth for the metrics record, a read, and the storage of their records', () => {
    const recordGb = assumptions.recordKb + assumptions.envelopeKb + 0.1;

    expect(cost(10).dynamodb).toBeCloseTo(2.1 * 0.625 + 0.125 + recordGb * 0.45, 6);
  });

  test('with tenants cost a quarter of their SQS requests more, at most', () => {
    for (const batchSize of [1, 10])
      expect(tenantSurcharge({ stack: 'posthorn', batchSize, payloadKb: 0.1 })).toBeCloseTo(cost(batchSize).sqs / 4, 6);
  });

  test('cost three SQS requests a batch, whatever its size', () => {
    expect(cost(10).sqs).toBeCloseTo(0.12, 6);
    expect(cost(1).sqs).toBeCloseTo(1.2, 6);
  });

  test('cost less in batches', () => {
    expect(total(cost(10))).toBeLessThan(total(cost(1)));
  });
});

test('a message of 512 KB is nine chunks to SQS each time it moves, and two requests to S3 as a claim check', () => {
  const peer = costPerMillion({ stack: 'powertools', batchSize: 1, payloadKb: 512 });
  const ours = costPerMillion({ stack: 'posthorn', batchSize: 1, payloadKb: 512 });

  expect(peer.sqs).toBeCloseTo((9 + 1 + 9) * 0.4, 6);
  expect(ours.sqs).toBeCloseTo(3 * 0.4, 6);
  expect(ours.s3).toBeGreaterThan(5.4);
  expect(peer.s3).toBe(0);
});

describe('the claim check threshold', () => {
  test('lies between the break-even with storage and that of the requests alone', () => {
    const thresholdKb = MAX_INLINE_BYTES / 1_024;

    expect(breakEvenKb(true)).toBeLessThan(thresholdKb);
    expect(breakEvenKb(false)).toBeGreaterThan(thresholdKb);
  });

  test.each([true, false])('breaks even where both ways cost the same (with storage: %s)', (withStorage) => {
    const { inline, claimCheck } = carriage(breakEvenKb(withStorage), withStorage);

    expect(inline).toBeCloseTo(claimCheck, 9);
  });
});

describe('without messages', () => {
  test('an agent costs its alarms, five long polls, and what the probe asks and writes about it each minute', () => {
    const { alarms, ...rest } = idleAgent(6);

    expect(alarms).toBeCloseTo(0.6, 9);
    expect(rest['polling of the inbox']).toBeCloseTo(648_000 * 0.4e-6, 9);
    expect(rest['snapshots: counts of its queues']).toBeCloseTo(43_200 * 3 * 0.4e-6, 9);
    expect(rest['snapshots: reads and writes']).toBeCloseTo(43_200 * (5 * 0.625e-6 + 2 * 0.125e-6) + 1_440 * 1.2e-6 * 0.25, 9);
    expect(monthlyTotal(idleAgent(6)) - monthlyTotal(idleAgent(4))).toBeCloseTo(0.2, 9);
  });

  test('snapshots every five minutes cost a fifth', () => {
    const snapshots = (minutes: number) => {
      const { alarms = 0, 'polling of the inbox': polling = 0, ...rest } = idleAgent(6, minutes);
      return monthlyTotal(rest);
    };

    expect(snapshots(5)).toBeCloseTo(snapshots(1) / 5, 9);
  });

  test('a mesh costs a dashboard, a key, seven alarms and four custom metrics, and the runs of its functions', () => {
    expect(monthlyTotal(idleMesh())).toBeGreaterThan(3 + 1 + 0.7 + 1.2);
    expect(monthlyTotal(idleMesh())).toBeLessThan(3 + 1 + 0.7 + 1.2 + 0.1);
  });
});

test('the metrics record costs a write for each invocation, and the index one for each message in it', () => {
  expect(signalsCost(10, 1)).toMatchObject({ metricsRecord: 0.0625, journeyIndex: 0.625 });
  expect(signalsCost(1, 0)).toMatchObject({ metricsRecord: 0.625, journeyIndex: 0 });
});

test('traces cost by their share', () => {
  expect(tracesCost(1)).toEqual({ gigabytes: 3.7, xray: 5 });
  expect(tracesCost(0)).toEqual({ gigabytes: 0, xray: 0 });
});

test('a find costs half a read unit for each begun 4 KB of the offers of its capability, and a process has one in ten seconds', () => {
  expect([1, 16, 17, 200].map((matches) => findCost(matches).millionFinds / 0.0625)).toEqual([1, 1, 2, 13]);
  expect(findCost(1).processMonth).toBeCloseTo((259_200 * 0.5 * 0.125) / 1e6, 9);
  expect([0.01, 0.1, 1, 1_000].map((rate) => findCost(1).millionMessages(rate) / 0.0625)).toEqual([1, 1, 0.1, 0.0001]);
});

test('the probe scans all offers each minute, and writes the health of those that have traffic', () => {
  expect(offersCost(10)).toEqual({
    probeScans: expect.closeTo((43_200 * 0.125) / 1e6, 9),
    registryScans: expect.closeTo((8_640 * 0.125) / 1e6, 9),
    healthWrites: expect.closeTo((432_000 * 0.625) / 1e6, 9),
  });
  expect(offersCost(1_000, 5).probeScans).toBeCloseTo((8_640 * 62 * 0.125) / 1e6, 9);
});

describe('the sizes that the model assumes', () => {
  const records = async (note: string): Promise<readonly LedgerRecord[]> => {
    const written: LedgerRecord[] = [];
    const ledger = memoryLedger();
    const recording: typeof ledger = {
      size: 0,
      read: ledger.read,
      write: (writes) => {
        written.push(...writes.map(({ record }) => record));
        return ledger.write(writes);
      },
    };
    const { Records } = batchEvent('3f0c3b52-1a7e-4a86-9c5e-0a8f5c0f5b11', 0, { size: 5 });
    const event = { Records: Records.map((record) => ({ ...record, body: record.body.replace('leave it at the door', note) })) };
    await batchHandler(relay, memoryPorts(recording, silentLogger), memorySettings)(event, lambdaContext('request'));
    return written;
  };
  const within = (bytes: number, assumedKb: number) => {
    expect(bytes / 1_000).toBeLessThanOrEqual(assumedKb);
    expect(bytes / 1_000).toBeGreaterThanOrEqual(assumedKb * 0.7);
  };

  test('are those of a record and an envelope', async () => {
    const note = 'x'.repeat(100);
    const [record] = await records(note);
    const [message] = record?.outbox ?? [];
    if (record === undefined || message === undefined) throw new Error('nothing was sent');
    const data = JSON.stringify(JSON.parse(message.body).data);

    within(itemBytes(toItem({ ...record, outbox: [] })), assumptions.recordKb);
    within(message.body.length - data.length, assumptions.envelopeKb);
  });

  test('are those of an offer', () => {
    within(itemBytes(marshall(offerItems('sentiment-analysis', 1)[0] ?? {})), assumptions.offerKb);
  });

  test('are those of a snapshot of an agent that has handled a million messages', () => {
    const histogram = { counts: Object.fromEntries(Array.from({ length: 12 }, (_, bucket) => [bucket, 83_333])), sumMs: 987_654_321 };
    const counters = Object.fromEntries(METRICS_COUNTERS.map((name) => [name, 123_456]));
    const depth = { visible: 0, inFlight: 0, delayed: 0 };
    const snapshot = snapshotSchema.parse({
      agent: 'document-extraction',
      version: '1.0.0',
      at: 1_795_685_032_988,
      concurrency: assumptions.idleConcurrency,
      shards: 1,
      totals: { counters, wait: histogram, handle: histogram, critical: histogram },
      own: { counters: {}, timers: {}, overflow: 0 },
      queues: { inbox: depth, errors: depth, deadLetters: depth },
    });

    within(JSON.stringify(snapshot).length, assumptions.snapshotKb);
  });

  test('are those of an envelope with a claim check', async () => {
    const [record] = await records('x'.repeat(MAX_INLINE_BYTES));
    const body = record?.outbox?.[0]?.body ?? '';

    expect(JSON.parse(body)).toHaveProperty('dataref');
    within(body.length, assumptions.claimCheckKb);
  });
});
