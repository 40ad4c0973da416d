import { expect, test } from 'vitest';
import { compareVersions, versionRanks } from '../../../events/compare-versions.ts';
import { declaredOffer, parseOffer } from '../../../events/offer.ts';
import { healthOf } from '../../helpers/offers.ts';

const item = { capability: 'reading', agent: 'one', declared: declaredOffer({ version: '1.2.3' }), revision: 7, weight: 10 };
const offer = { capability: 'reading', agent: 'one', version: '1.2.3', weight: 10 };

test('an offer is read from its item, with what the probe knows', () => {
  expect(parseOffer({ ...item, health: JSON.stringify(healthOf()) })).toEqual({ ...offer, health: healthOf() });
  expect([undefined, 150, -1, '1', null].map((weight) => parseOffer({ ...item, weight })?.weight)).toEqual([100, 100, 0, 100, 100]);
});

test.each(['{"at":"tomorrow"}', '{', '[]'])('health in the form %s, which this version does not know, hides no agent', (health) => {
  expect(parseOffer({ ...item, health, addedLater: true })).toEqual({ ...offer, health: undefined });
});

test.each([{ declared: '{' }, { declared: '{}' }, { declared: undefined }, { revision: '1' }, { agent: '' }, { capability: undefined }])(
  'an item with %j is no offer',
  (fault) => {
    expect(parseOffer({ ...item, ...fault })).toBeUndefined();
  },
);

test('versions have their order, and what is none comes first', () => {
  const versions = ['10.0.0', 'not a version', '9.0.0', '10.0.0-beta.1', ''];

  expect(versions.toSorted(compareVersions)).toEqual(['not a version', '', '9.0.0', '10.0.0-beta.1', '10.0.0']);
  expect(Object.fromEntries(versionRanks([...versions, 'v9.0.0', '9.0.0']))).toEqual({
    ...{ 'not a version': 0, '': 0, '9.0.0': 1, 'v9.0.0': 1, '10.0.0-beta.1': 2, '10.0.0': 3 },
  });
});
