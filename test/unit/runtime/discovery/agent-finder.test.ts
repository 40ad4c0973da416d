import { expect, test } from 'vitest';
import type { Offer } from '../../../../events/offer.ts';
import { AgentFinder, type WantedAgent } from '../../../../functions/runtime/discovery/agent-finder.ts';
import { ManualClock } from '../../../helpers/memory-ports.ts';
import { offerOf } from '../../../helpers/offers.ts';

const MINUTE_MS = 60_000;
const READING = { capability: 'reading' };
const WRITING = { capability: 'writing' };

/** A process whose registry answers with these offers, and when it was asked. */
function startFinder(answer: (capability: string) => readonly Offer[]) {
  const clock = new ManualClock();
  const began = clock.now();
  const reads: Record<string, number[]> = {};
  const finder = new AgentFinder({
    clock,
    logger: { warn: () => {} },
    offers: {
      of: async (capability) => {
        reads[capability] = [...(reads[capability] ?? []), clock.now() - began];
        return answer(capability);
      },
    },
  });
  return {
    reads,
    clock,
    finder,
    /** 1,000 messages in each second. @returns how many of them have no agent */
    async minuteOf(...wanted: readonly WantedAgent[]): Promise<number> {
      let failed = 0;
      for (let ms = 0; ms < MINUTE_MS; ms++) {
        const asked = wanted[ms % wanted.length] ?? READING;
        await finder.find(asked, `journey-${ms}`).catch(() => failed++);
        clock.advance(1);
      }
      await finder.idle();
      return failed;
    },
  };
}

const tens = (count: number) => Array.from({ length: count }, (_, nth) => nth * 10_000);

test('a process that sends 1,000 messages a second reads the offers of each capability once in ten seconds', async () => {
  const { reads, minuteOf } = startFinder((capability) => [offerOf('v1'), offerOf('v2')].map((offer) => ({ ...offer, capability })));

  expect(await minuteOf(READING, { ...WRITING, version: '>=1.0', maxLatencyMs: 100 })).toBe(0);
  expect(reads).toEqual({ reading: tens(6), writing: tens(6).map((ms) => ms + 1) });
});

test('it reads once for the messages of a moment that no agent matches, and asks nobody for the others', async () => {
  let offers = [offerOf('v1')];
  const { reads, finder, clock } = startFinder(() => offers);
  const newer = { ...READING, version: '>=2.0' };
  const momentOf = (...wanted: readonly WantedAgent[]) =>
    Promise.allSettled(wanted.map((each, nth) => finder.find(each, `journey-${nth}`))).then((all) =>
      all.map((each) => (each.status === 'fulfilled' ? each.value : 'nobody')),
    );
  await finder.find(READING, 'first');
  clock.advance(5_000);

  expect(await momentOf(newer, READING, newer, newer)).toEqual(['nobody', 'v1', 'nobody', 'nobody']);
  expect(reads).toEqual({ reading: [0, 5_000] });
  // That read was one for all: the next is due ten seconds after it.
  clock.advance(9_999);
  await momentOf(READING);
  expect(reads).toEqual({ reading: [0, 5_000] });

  offers = [offerOf('v1'), offerOf('v2', { version: '2.0.0' })];
  expect(await momentOf(newer, READING)).toEqual(['v2', expect.stringMatching(/^v/)]);
  expect(reads).toEqual({ reading: [0, 5_000, 14_999] });
});

test('it asks no more often in an outage, and goes on with what it has', async () => {
  let isOut = false;
  const { reads, minuteOf } = startFinder(() => {
    if (isOut) throw new Error('no answer');
    return [offerOf('v1')];
  });
  expect(await minuteOf(READING)).toBe(0);
  isOut = true;

  expect(await minuteOf(READING)).toBe(0);
  expect(reads).toEqual({ reading: tens(12) });
});

test('what matches is what the last read says, whatever was asked before', async () => {
  let offers = [offerOf('v1', { version: '1.0.0' }), offerOf('v2', { version: '2.0.0' })];
  const { finder, clock } = startFinder(() => offers);
  const agentFor = (version: string | undefined) => finder.find({ ...READING, version }, 'journey');
  for (let major = 0; major < 100; major++) await agentFor(`<=${major}.0.0 || >=1.0.0`);
  expect([await agentFor('^1.0'), await agentFor('^2.0'), await agentFor('^1.0')]).toEqual(['v1', 'v2', 'v1']);

  offers = [offerOf('v3', { version: '1.1.0' }), offerOf('v4', { version: '2.1.0' })];
  clock.advance(10_000);
  await agentFor(undefined);
  await finder.idle();
  expect([await agentFor('^1.0'), await agentFor('^2.0')]).toEqual(['v3', 'v4']);
});
