import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { JourneyPrinter } from '../../../cli/commands/trace/journey-printer.ts';
import { Inboxes } from '../../../cli/inboxes.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { type Hop, MeshClient } from '../../../client/index.ts';
import { operationsApp } from '../../../functions/services/operations/operations-app.ts';
import { LongJourney, type LongJourneyOptions } from '../../helpers/long-journey.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

const HOPS = 10_000;

/** What `posthorn trace` prints at once. */
const SCREEN = 20;

/** The first screen of any journey is there after so many requests: the index and the records, each asked twice, and refused messages. */
const FIRST_SCREEN_REQUESTS = 16;

/** Read ahead of the hops that were taken, and records that are passed on: a page of each at most. */
const MAX_HELD = 250;

async function startJourney(options: Partial<LongJourneyOptions> = {}) {
  const ledger = new LongJourney({ hops: HOPS, shape: 'chain', ...options });
  const endpoint = await startAws(ledger.answer);
  const settings = resolveSettings({ endpointUrl: endpoint }, process.env);
  const mesh = new MeshClient(settings);
  onTestFinished(() => mesh[Symbol.asyncDispose]());
  return { ledger, mesh, settings };
}

const pageSchema = z.object({ hops: z.array(z.object({ messageKey: z.string() })), next: z.optional(z.string()) });

type Page = z.output<typeof pageSchema>;

const range = (count: number) => Array.from({ length: count }, (_, nth) => nth);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Counts objects that are still held by anybody. */
class Held {
  readonly #seen: WeakRef<object>[] = [];

  add(value: object): void {
    this.#seen.push(new WeakRef(value));
  }

  async count(): Promise<number> {
    // What this turn of the event loop has used is not collected.
    await setImmediate();
    collectGarbage();
    return this.#seen.filter((reference) => reference.deref() !== undefined).length;
  }
}

describe(`a journey of ${HOPS} hops`, () => {
  test.each(['chain', 'fan-out'] as const)(
    'as a %s is read in pages: each hop once, in order, few requests ahead of its reader, and few in memory',
    async (shape) => {
      const { ledger, mesh } = await startJourney({ shape });
      const held = new Held();
      const keys: string[] = [];

      for await (const hop of mesh.journey(ledger.id)) {
        held.add(hop);
        keys.push(hop.messageKey);
        if (keys.length === SCREEN) expect(ledger.requestCount).toBeLessThanOrEqual(FIRST_SCREEN_REQUESTS);
        expect(ledger.records - keys.length).toBeLessThanOrEqual(MAX_HELD);
        if (keys.length % 2_500 === 0) expect(await held.count()).toBeLessThanOrEqual(MAX_HELD);
      }

      expect(keys).toEqual(range(HOPS).map((nth) => ledger.keyOf(nth)));
    },
  );

  test.each([
    ['order-4711', 3],
    ['hop-0', 0],
    ['hop-0', 1],
  ])('has the hops that its index does not show yet, once each: found as %s with %d of 60 in the index', async (id, indexed) => {
    const { ledger, mesh } = await startJourney({ hops: 60, indexed });

    const hops = await Array.fromAsync(mesh.journey(id, { source: '/agents/relay' }));

    expect(hops.map(({ messageKey }) => messageKey)).toEqual(range(60).map((nth) => ledger.keyOf(nth)));
  });

  test('has its first screen at once although messages on it have left no record, and one was refused', async () => {
    const { ledger, mesh } = await startJourney({ losing: [3], refused: [7, 5_000] });
    const hops: Hop[] = [];

    for await (const hop of mesh.journey(ledger.id)) {
      hops.push(hop);
      if (hops.length === SCREEN) break;
    }

    expect(ledger.requestCount).toBeLessThanOrEqual(FIRST_SCREEN_REQUESTS);
    expect(hops.map(({ messageKey }) => messageKey)).toEqual([
      ...range(4).map((nth) => ledger.keyOf(nth)),
      `relay /agents/relay lost-${HOPS + 3}`,
      ...range(SCREEN - 5).map((nth) => ledger.keyOf(nth + 4)),
    ]);
  });

  test('has at its end the message of a large outbox that has left no record', async () => {
    const { ledger, mesh } = await startJourney({ shape: 'fan-out', losing: [0], refused: [9_000] });
    const missing: [number, string][] = [];
    let count = 0;

    for await (const { state, messageKey } of mesh.journey(ledger.id)) {
      if (state.kind === 'not-received') missing.push([count, messageKey]);
      count++;
    }

    expect(missing).toEqual([[HOPS, `relay /agents/relay lost-${HOPS}`]]);
  });

  test('is printed a screen at a time, by a printer that holds one screen', async () => {
    const { ledger, mesh, settings } = await startJourney();
    const held = new Held();
    let printed = 0;
    let screens = 0;
    // A spy would keep what is printed.
    const { log } = console;
    onTestFinished(() => {
      console.log = log;
    });
    console.log = (text: string) => {
      printed += text.match(/^ +\+/gm)?.length ?? 0;
      screens++;
    };
    const hops = async function* () {
      let taken = 0;
      for await (const hop of mesh.journey(ledger.id)) {
        held.add(hop);
        yield hop;
        taken++;
        expect(taken - printed).toBeLessThan(SCREEN);
        if (taken % 2_500 === 0) expect(await held.count()).toBeLessThanOrEqual(MAX_HELD);
      }
    };

    const summary = await new JourneyPrinter(ledger.id, settings, false).print(hops(), new Inboxes(mesh), new AbortController().signal);

    expect([printed, screens, summary.outcomes.processed]).toEqual([HOPS, HOPS / SCREEN + 1, HOPS]);
  });

  test.each([80, 160])('fits into a terminal of %d columns, with its ids whole and its commands on one line', async (columns) => {
    const { ledger, mesh, settings } = await startJourney({ hops: 200, losing: [3], refused: [7] });
    vi.stubGlobal('process', Object.create(process, { stdout: { value: { columns } } }));
    onTestFinished(() => void vi.unstubAllGlobals());
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());

    await new JourneyPrinter(ledger.id, settings, false).print(mesh.journey(ledger.id), new Inboxes(mesh), new AbortController().signal);

    const lines = log.mock.calls.flatMap(([text]) => String(text).split('\n'));
    const [title, ...rest] = lines;
    expect(title).toBe(`${ledger.id}  2026-11-25T23:59:59.995Z`);
    expect(rest.filter((line) => line.length > columns).map((line) => line.trim())).toEqual(
      columns === 80
        ? [
            expect.stringMatching(/^npx posthorn top --once --e.*$/),
            expect.stringMatching(/^npx posthorn errors show relay --e.* --region \S+$/),
          ]
        : [],
    );
    for (const line of rest)
      expect(line, line).toMatch(
        /^$|^░|^ +\+[\d.]+ m?s {2}relay +[░▒█·]+ +(processed|rejected|not received)$|^The next bars |^ {11}\S|^ {13}\S/,
      );
    const drawn = rest.filter((line) => /^ +\+/.test(line));
    expect(drawn).toHaveLength(201);
    // Each screen after the first has its own time axis. A hop is 13 ms, and one comes each 10 ms.
    const axes = rest.filter((line) => line.startsWith('The next bars'));
    expect(axes).toHaveLength(Math.ceil(201 / SCREEN) - 1);
    expect(axes[0]).toBe('The next bars show +190 ms to +393 ms.');
    expect(rest.indexOf(axes[0] ?? '')).toBeGreaterThan(rest.indexOf(drawn[SCREEN - 1] ?? ''));
    expect(rest.indexOf(axes[0] ?? '')).toBeLessThan(rest.indexOf(drawn[SCREEN] ?? ''));
    expect(Math.max(...drawn.map((line) => line.length))).toBeGreaterThan(columns - 20);
  });

  test('has pages at GET /journeys/{id}: each hop once, in order', async () => {
    const { ledger, mesh } = await startJourney();
    const never = () => Promise.reject(new Error('nobody asks for it'));
    const journey = (id: string) => mesh.journey(id);
    const nothing = { agents: never, agent: never, offers: never, offersOf: never, latest: never, latestOf: never };
    const app = operationsApp({ ...nothing, journey }, (error) => {
      throw error;
    });
    const page = async (query: string): Promise<Page> =>
      pageSchema.parse(await (await app.request(`/journeys/${ledger.id}${query}`)).json());

    await page('?limit=20');
    expect(ledger.requestCount).toBeLessThanOrEqual(FIRST_SCREEN_REQUESTS);

    const keys: string[] = [];
    let after: string | undefined = '0';
    for (let pages = 0; pages < 4 && after !== undefined; pages++) {
      const { hops, next }: Page = await page(`?limit=500&after=${after}`);
      keys.push(...hops.map(({ messageKey }) => messageKey));
      after = next;
    }
    expect([keys, after]).toEqual([range(2_000).map((nth) => ledger.keyOf(nth)), '2000']);

    const last = await page(`?limit=500&after=${HOPS - 500}`);
    expect([last.hops.length, last.hops.at(-1)?.messageKey, last.next]).toEqual([500, ledger.keyOf(HOPS - 1), undefined]);
  });
});
