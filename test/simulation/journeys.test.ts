import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { beginOf, endOf, segmentsOf } from '../../cli/commands/trace/segments.ts';
import { waterfall } from '../../cli/commands/trace/waterfall.ts';
import type { Hop } from '../../client/index.ts';
import { type LedgerRecord, messageKey, refusedKey } from '../../events/ledger-record.ts';
import type { History } from './history.ts';
import { Moment } from './moment.ts';
import { loadStack } from './posthorn-stack.ts';
import type { SimulatedRegistry } from './simulated-registry.ts';
import { type RunAgent, type Stack, simulate } from './simulation.ts';

const SEEDS = [1, 2, 3, 5];
let histories: readonly History[];

beforeAll(async () => {
  const stack = refusingAgents(await loadStack({}));
  histories = await Promise.all(
    SEEDS.map(async (seed) => (await simulate(stack, { seed, messages: 250, needsTokens: seed % 2 === 0 })).history),
  );
});

/** Agents may always send in the campaign. Here none may in every other minute, so that some of their messages are refused. */
function refusingAgents(stack: Stack): Stack {
  const changed = new Set<SimulatedRegistry>();
  const runAgent: RunAgent = (agent, surroundings, services) => {
    const { registry } = services;
    const { scheduler } = surroundings.world;
    if (!changed.has(registry)) {
      changed.add(registry);
      const read = registry.read.bind(registry);
      registry.read = (id, isStale) => {
        const record = read(id, isStale);
        if (record === undefined || Math.floor(scheduler.now / 60_000) % 2 === 0) return record;
        const others = Object.entries(record.principals).filter(
          ([, { sources }]) => !sources.some((source) => source.startsWith('/agents/')),
        );
        return { ...record, principals: Object.fromEntries(others) };
      };
    }
    return stack.runAgent(agent, surroundings, services);
  };
  return { runAgent };
}

const bodySchema = z.object({ id: z.string(), source: z.string(), correlationid: z.optional(z.string()) });

/** Messages that agents have put into inboxes, and that an operator has put back. */
const sentInMesh = ({ entries }: Moment) =>
  entries.flatMap((entry) => {
    if (entry.what !== 'sent' || (entry.by !== 'agent' && entry.by !== 'operator') || !entry.queue.endsWith(' inbox')) return [];
    const agent = entry.queue.slice(0, -' inbox'.length);
    const { data: body } = bodySchema.safeParse(JSON.parse(entry.body));
    if (body === undefined) return [];
    const { id, source, correlationid = id } = body;
    return [{ key: messageKey(agent, source, id), journey: correlationid, refusedKey: refusedKey(agent, entry.messageId) }];
  });

/** The keys of the messages that were committed, whether or not they were sent. */
async function committed(moment: Moment): Promise<ReadonlySet<string>> {
  const processed = [...moment.table.values()].filter(({ outcome }) => outcome === 'processed');
  const outboxes = await Promise.all(processed.map((record) => moment.outboxOf(record)));
  return new Set(
    outboxes.flat().flatMap(({ to, body }) => {
      const { id, source } = bodySchema.parse(JSON.parse(body));
      return to === undefined ? [] : [messageKey(to, source, id)];
    }),
  );
}

/** What a person reads of a hop: its state, and the code of each failed attempt. */
interface Read {
  readonly agent: string;
  readonly state: string;
  readonly codes: readonly string[];
}

function readWaterfall(text: string): readonly Read[] {
  const hops: { agent: string; state: string; codes: string[] }[] = [];
  for (const line of stripVTControlCharacters(text).split('\n')) {
    const [, agent, state] = /^ *\+\S+(?: m?s| \d+\w)? {2}(\S+) +[░▒█· ]*? {2,}([a-z].*)$/.exec(line) ?? [];
    if (agent !== undefined && state !== undefined) hops.push({ agent, state, codes: [] });
    const [, code] = /^ {11}attempt \d+[^:]*: (\w+): /.exec(line) ?? [];
    if (code !== undefined) hops.at(-1)?.codes.push(code);
  }
  return hops;
}

/** What the history says that one should read, as the promises of `posthorn trace` have it. */
function expectedOf(
  agent: string,
  last: LedgerRecord | undefined,
  nowMs: number,
): { readonly agent: string; readonly state: RegExp; readonly codes: readonly string[] } {
  const codes = last?.attempts.map(({ code }) => code) ?? [];
  if (last === undefined) return { agent, state: /^not received$/, codes };
  if (last.outcome !== undefined) return { agent, state: new RegExp(`^${last.outcome}$`), codes };
  if (last.claim !== undefined && last.claim.expiresAt > nowMs) return { agent, state: /^being handled$/, codes };
  if (last.claim === undefined && (last.dueAt ?? 0) > nowMs) return { agent, state: /^retry in /, codes };
  return { agent, state: codes.length > 0 ? /^retry is due$/ : /^to be received$/, codes };
}

/** The parts of a bar have no gaps, and the failed ones end as the history's attempts do. */
function expectWhole(hop: Hop, last: LedgerRecord | undefined, nowMs: number): void {
  const segments = segmentsOf(hop, nowMs);
  let at = beginOf(hop, nowMs);
  for (const { from, to } of segments) {
    expect(from, hop.messageKey).toBe(at);
    at = to;
  }
  expect(at, hop.messageKey).toBe(Math.max(at, endOf(hop, nowMs)));
  const failedAt = last?.attempts.map((attempt) => attempt.at) ?? [];
  for (const { kind, to } of segments) if (kind === 'failed') expect(failedAt, hop.messageKey).toContain(to);
}

test('the journeys that are drawn at any moment are those of the history', async () => {
  let compared = 0;
  let missing = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: SEEDS.length - 1 }), fc.double({ min: 0.05, max: 1, noNaN: true }), async (which, share) => {
      const moment = new Moment(histories[which] ?? expect.fail('no history'), share);
      const { table, nowMs } = moment;
      const outboxes = await committed(moment);
      const found = new Map(await Promise.all(moment.journeys.map(async (id) => [id, await moment.hopsOf(id)] as const)));

      for (const [id, hops] of found) {
        const startedAt = Math.min(...hops.map((hop) => beginOf(hop, nowMs)));
        const read = readWaterfall(waterfall(hops, startedAt, undefined, { nowMs, inboxOf: () => undefined, flags: '' }));
        expect(read).toHaveLength(hops.length);
        for (const [nth, hop] of hops.entries()) {
          const last = table.get(hop.messageKey);
          const { state, ...expected } = expectedOf(hop.agent, last, nowMs);
          expect(read[nth], hop.messageKey).toEqual({ ...expected, state: expect.stringMatching(state) });
          expectWhole(hop, last, nowMs);
          if (last === undefined) missing++;
          if (last === undefined) expect(outboxes, id).toContain(hop.messageKey);
          compared++;
        }
        const recorded = hops.map((hop) => hop.messageKey).filter((key) => table.has(key));
        const ofJourney = [...table.values()].filter(({ journey = '' }) => journey.startsWith(`${id}#`)).map((record) => record.messageKey);
        expect(recorded.toSorted()).toEqual(ofJourney.toSorted());
      }
      const sent = sentInMesh(moment).filter(({ key }) => outboxes.has(key));
      const isRefused = new Set(sent.flatMap((message) => (table.has(message.refusedKey) ? message.key : [])));
      refused += isRefused.size;
      for (const { key, journey } of sent) {
        const hops = found.get(journey)?.filter((hop) => hop.messageKey === key) ?? [];
        // A message that was refused has its own record as such, and one under its key only if a copy was not.
        expect(hops.length, key).toBe(isRefused.has(key) && !table.has(key) ? 0 : 1);
      }
    }),
    { numRuns: 40, seed: 8 },
  );
  expect(compared).toBeGreaterThan(1_000);
  expect(missing).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(10);
});

test('a journey whose index is late has each message that is named by a hop, and none of them twice', async () => {
  let late = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: SEEDS.length - 1 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      async (which, share, indexed) => {
        const history = histories[which] ?? expect.fail('no history');
        const moment = new Moment(history, share, indexed);
        const isRefused = new Set(sentInMesh(moment).flatMap(({ key, refusedKey }) => (moment.table.has(refusedKey) ? key : [])));
        const inIndex = new Moment(history, share * indexed);

        for (const id of inIndex.journeys) {
          const hops = await moment.hopsOf(id);
          const keys = hops.map(({ messageKey }) => messageKey);
          expect(keys.length, id).toBe(new Set(keys).size);
          for (const { messageKey: key } of hops.flatMap(({ outbox }) => outbox))
            if (key !== undefined && !isRefused.has(key)) expect(keys, id).toContain(key);
          late += keys.filter((key) => moment.table.has(key) && !inIndex.table.has(key)).length;
        }
      },
    ),
    { numRuns: 40, seed: 8 },
  );
  expect(late).toBeGreaterThan(100);
});
