import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Hop } from '../../client/index.ts';
import { expectedKeys, hopsOf, refusedMark } from '../../client/journeys/hops-of.ts';
import { outboxMessage, storedOutboxSchema } from '../../client/journeys/outbox-message.ts';
import { correlationIdOf } from '../../events/ledger-index.ts';
import { type LedgerRecord, ledgerRecordSchema } from '../../events/ledger-record.ts';
import type { Entry, History } from './history.ts';
import { loadStack } from './posthorn-stack.ts';
import { simulate } from './simulation.ts';

const SEEDS = [1, 2, 3, 5];
let histories: readonly History[];

beforeAll(async () => {
  const stack = await loadStack({});
  histories = await Promise.all(
    SEEDS.map(async (seed) => (await simulate(stack, { seed, messages: 250, needsTokens: seed % 2 === 0 })).history),
  );
});

/** The history has what the runtime wrote, before it is stored: what the table keeps in another form is of no interest here. */
const writtenRecord = z.omit(ledgerRecordSchema, { access: true, result: true });

/** The mesh at a moment of a history: the last record of each key, and the content. */
interface Moment {
  readonly entries: readonly Entry[];
  readonly table: ReadonlyMap<string, LedgerRecord>;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly nowMs: number;
}

function momentOf({ entries: all }: History, share: number): Moment {
  const entries = all.slice(0, Math.max(1, Math.ceil(all.length * share)));
  const table = new Map<string, LedgerRecord>();
  const objects = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (entry.what === 'written') table.set(entry.key, writtenRecord.parse(entry.record));
    if (entry.what === 'stored') objects.set(entry.key, entry.bytes);
  }
  return { entries, table, objects, nowMs: entries.at(-1)?.at ?? 0 };
}

/** Every journey of the moment, as `posthorn trace` draws it. */
function drawn({ table, objects, nowMs }: Moment): ReadonlyMap<string, readonly Hop[]> {
  const journeys = Map.groupBy(
    [...table.values()].filter(({ journey }) => journey !== undefined),
    ({ journey = '' }) => correlationIdOf(journey),
  );
  return new Map(
    [...journeys].map(([id, records]) => {
      const read = records
        .toSorted((one, other) => one.startedAt - other.startedAt)
        .map((record) => ({ record, outbox: record.outcome === 'processed' ? outboxOf(record, objects).map(outboxMessage) : [] }));
      const recorded = new Set(expectedKeys(read).filter((key) => table.has(key)));
      const refused = new Set(
        records.filter(({ messageKey }) => messageKey.startsWith('refused:')).map(({ agent, digest }) => refusedMark(agent, digest)),
      );
      return [id, hopsOf(read, { recorded, refused }, nowMs)] as const;
    }),
  );
}

function outboxOf({ outbox = [], outboxRef }: LedgerRecord, objects: Moment['objects']) {
  if (outboxRef === undefined) return outbox;
  const bytes = objects.get(outboxRef.uri.replace(/^s3:\/\/[^/]+\//, ''));
  return storedOutboxSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/** Messages that agents have put into inboxes, by the key of their record at the target. */
const sentByAgents = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => {
    if (entry.what !== 'sent' || entry.by !== 'agent' || !entry.queue.endsWith(' inbox')) return [];
    const { id, source, correlationid } = JSON.parse(entry.body);
    return [{ key: `${entry.queue.slice(0, -' inbox'.length)} ${source} ${id}`, journey: String(correlationid) }];
  });

test('the journeys that are drawn at any moment are those of the history', () => {
  let compared = 0;
  let missing = 0;
  fc.assert(
    fc.property(fc.nat({ max: SEEDS.length - 1 }), fc.double({ min: 0.05, max: 1, noNaN: true }), (which, share) => {
      const moment = momentOf(histories[which] ?? expect.fail('no history'), share);
      const journeys = drawn(moment);
      const written = new Map(moment.entries.flatMap((entry) => (entry.what === 'written' ? [[entry.key, entry.record] as const] : [])));

      for (const hop of [...journeys.values()].flat()) {
        const last = written.get(hop.messageKey);
        expect(hop.outcome, hop.messageKey).toBe(last?.outcome);
        expect(hop.attempts.map(({ at, code }) => [at, code])).toEqual((last?.attempts ?? []).map(({ at, code }) => [at, code]));
        expect(hop.state.kind === 'not-received').toBe(last === undefined);
        if (hop.state.kind === 'claimed') expect(last?.claim?.expiresAt).toBe(hop.state.until);
        if (last === undefined) missing++;
        compared++;
      }
      for (const { key, journey } of sentByAgents(moment.entries)) {
        const hops = journeys.get(journey)?.filter((hop) => hop.messageKey === key) ?? [];
        const isRefused = (journeys.get(journey) ?? []).some((hop) => hop.messageKey.startsWith('refused:'));
        expect(hops.length, key).toBe(isRefused && hops.length === 0 ? 0 : 1);
      }
    }),
    { numRuns: 60, seed: 8 },
  );
  expect(compared).toBeGreaterThan(1_000);
  expect(missing).toBeGreaterThan(10);
});
