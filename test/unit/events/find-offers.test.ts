import { expect, test } from 'vitest';
import { matchingOffers, type OfferQuery } from '../../../events/find-offers.ts';
import { healthOf, offerOf } from '../../helpers/offers.ts';

const offers = [
  offerOf('v1', { version: '1.4.2', health: healthOf({ p95Ms: 50 }) }),
  offerOf('v2', { version: '2.0.0', health: healthOf({ p95Ms: 200 }) }),
  offerOf('v3', { version: '3.0.0-beta.1' }),
];

const found = (query: OfferQuery) => matchingOffers(offers, query).map(({ agent }) => agent);

test.each<[OfferQuery, readonly string[]]>([
  [{}, ['v1', 'v2', 'v3']],
  [{ version: '>=2.0' }, ['v2']],
  [{ version: '^1.4' }, ['v1']],
  [{ version: '1.x || 2.x' }, ['v1', 'v2']],
  [{ version: '>=3.0.0-beta' }, ['v3']],
  [{ version: '*' }, ['v1', 'v2']],
  [{ version: '>=4' }, []],
  [{ maxLatencyMs: 100 }, ['v1', 'v3']],
  [{ maxLatencyMs: 200, unmeasured: 'exclude' }, ['v1', 'v2']],
  [{ version: '>=2.0', maxLatencyMs: 100 }, []],
  [{ unmeasured: 'exclude' }, ['v1', 'v2']],
])('%j finds %j', (query, agents) => {
  expect(found(query)).toEqual(agents);
});

test.each<[OfferQuery, string]>([
  [{ version: 'newest' }, "version 'newest' is not a range of semantic versions: give one such as '>=2.0' or '^1.4.0'"],
  [{ version: `${'>=1 '.repeat(1_000)}x y` }, 'is not a range'],
  [{ maxLatencyMs: 0 }, 'maxLatencyMs is 0: give a number of milliseconds above 0'],
  [{ maxLatencyMs: Number.NaN }, 'maxLatencyMs is NaN'],
])('refuses %j', (query, message) => {
  expect(() => found(query)).toThrow(RangeError);
  expect(() => found(query)).toThrow(message);
});
