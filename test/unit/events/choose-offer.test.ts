import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseOffer } from '../../../events/choose-offer.ts';
import type { Offer } from '../../../events/offer.ts';
import { healthOf, offerOf } from '../../helpers/offers.ts';

const NOW = 1_000_000;
const JOURNEYS = Array.from({ length: 10_000 }, (_, index) => `journey-${index}`);
const chosen = (offers: readonly Offer[], key: string) => chooseOffer(offers, key, NOW)?.offer.agent;
const shareOf = (agent: string, offers: readonly Offer[]) =>
  JOURNEYS.filter((key) => chosen(offers, key) === agent).length / JOURNEYS.length;
const ejected = healthOf({ isBad: true, ejections: 1, ejectedUntil: NOW + 1 });

test('10,000 journeys are shared by weight, within five standard deviations', () => {
  for (const [one, other] of [
    [90, 10],
    [50, 50],
    [1, 99],
  ] as const) {
    const expected = one / 100;
    const deviation = Math.sqrt((expected * (1 - expected)) / JOURNEYS.length);
    const share = shareOf('v1', [offerOf('v1', { weight: one }), offerOf('v2', { weight: other })]);
    expect(Math.abs(share - expected)).toBeLessThan(5 * deviation);
  }
});

test('agents with similar ids get the same share, and the journeys of one that goes are shared by the others as their weights say', () => {
  const agents = Array.from({ length: 20 }, (_, nth) => offerOf(`sentiment-analysis-${nth}`, { weight: nth === 19 ? 20 : 10 }));
  const counted = (offers: readonly Offer[], keys: readonly string[]) =>
    Map.groupBy(keys, (key) => chooseOffer(offers, key, NOW)?.offer.agent ?? 'none');
  const isShared = (offers: readonly Offer[], keys: readonly string[]) => {
    const total = offers.reduce((sum, { weight }) => sum + weight, 0);
    const counts = counted(offers, keys);
    for (const { agent, weight } of offers) {
      const expected = (weight / total) * keys.length;
      expect(Math.abs((counts.get(agent)?.length ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  };
  isShared(agents, JOURNEYS);
  const [gone, ...others] = agents;
  isShared(others, counted(agents, JOURNEYS).get(gone?.agent ?? '') ?? []);
});

test('a change of weights moves journeys to the agent that gains, and no others', () => {
  const at = (v2: number) => [offerOf('v1', { weight: 100 - v2 }), offerOf('v2', { weight: v2 }), offerOf('v3', { weight: 50 })];
  const before = new Map(JOURNEYS.map((key) => [key, chosen(at(10), key)]));
  const moved = JOURNEYS.filter((key) => chosen(at(50), key) !== before.get(key));

  expect(moved.length).toBeGreaterThan(0);
  // v1 loses what it does, v2 gains; v3 has the same weight, and neither gives to v1 nor takes from v2.
  expect(new Set(moved.map((key) => `${before.get(key)} to ${chosen(at(50), key)}`))).not.toContain('v2 to v1');
  expect(moved.filter((key) => before.get(key) === 'v2')).toEqual([]);
  expect(moved.filter((key) => chosen(at(50), key) === 'v1')).toEqual([]);
});

test('one that comes or goes moves only its own journeys', () => {
  const two = [offerOf('v1'), offerOf('v2')];
  const three = [...two, offerOf('v3')];

  for (const key of JOURNEYS) if (chosen(three, key) !== 'v3') expect(chosen(two, key)).toBe(chosen(three, key));
});

test('the next in rank takes over from an agent that is ejected, and gives back what it took', () => {
  const well = [offerOf('v1'), offerOf('v2'), offerOf('v3')];
  const ill = [offerOf('v1', { health: ejected }), offerOf('v2'), offerOf('v3')];

  for (const key of JOURNEYS) {
    if (chosen(well, key) === 'v1') expect(['v2', 'v3']).toContain(chosen(ill, key));
    else expect(chosen(ill, key)).toBe(chosen(well, key));
  }
  expect(chooseOffer(ill, 'journey', NOW + 1)?.isLastResort).toBe(false);
  expect(JOURNEYS.every((key) => chooseOffer(ill, key, NOW + 1)?.offer.agent === chosen(well, key))).toBe(true);
});

test('when all are ejected, the one with the fewest errors is the last resort', () => {
  const offers = [
    offerOf('bad', { health: { ...ejected, errorShare: 0.9 } }),
    offerOf('less-bad', { health: { ...ejected, errorShare: 0.6 } }),
  ];

  expect(chooseOffer(offers, 'journey', NOW)).toEqual({ offer: offers[1], isLastResort: true });
});

test('weight 0 gets nothing, not even when the others are ejected; unless nobody has more', () => {
  const rolledBack = offerOf('v2', { weight: 0 });

  expect(shareOf('v2', [offerOf('v1', { weight: 1 }), rolledBack])).toBe(0);
  expect(chosen([offerOf('v1', { health: ejected }), rolledBack], 'journey')).toBe('v1');
  expect(chosen([rolledBack], 'journey')).toBe('v2');
  expect(chooseOffer([], 'journey', NOW)).toBeUndefined();
});

test('the order of the offers and the number of agents do not matter', () => {
  const agents = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{2,8}$/), fc.integer({ min: 0, max: 100 })), { selector: ([id]) => id });
  fc.assert(
    fc.property(agents, fc.string(), (given, key) => {
      const offers = given.map(([agent, weight]) => offerOf(agent, { weight }));
      expect(chosen(offers.toReversed(), key)).toBe(chosen(offers, key));
      expect(chosen(offers, key) === undefined).toBe(offers.length === 0);
    }),
  );
});
