import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterNameAttribute, MAX_OWN_NAMES, type OwnTotals, ownNameOf, ownTotalsOf } from '../../../events/own-metrics-record.ts';

const shardWith = (names: readonly string[], value = 1) => Object.fromEntries(names.map((name) => [counterNameAttribute(name), value]));
const namesOf = (...parts: readonly string[]) => parts.flatMap((part) => Array.from({ length: 50 }, (_, index) => `${part} ${index}`));
const shown = ({ counters, timers, models }: OwnTotals) =>
  new Set([counters, timers, models].flatMap((byName) => Object.keys(byName))).size;

describe("An agent's own metrics, added up", () => {
  it('have fifty names at most, whatever the shards hold; each name that exceeds them is overflow', () => {
    const items = [
      { ...shardWith(namesOf('a')), 'n a 1': 3, 'm a 1': 9, overflow: 2 },
      shardWith(namesOf('b')),
      { 'n c': 2, 'm c': 7, 'i d': 1, 'O d': 2 },
    ];

    const totals = ownTotalsOf(items);

    expect(shown(totals)).toBe(MAX_OWN_NAMES);
    expect(totals.overflow).toBe(2 + 52);
    expect(totals.timers['a 1']).toEqual({ count: 3, sumMs: 9 });
  });

  it('have those names that most shards have, so that names of one process displace none that all use', () => {
    const items = ['m', 'n', 'o'].map((part) => ({ ...shardWith(namesOf(part).slice(1)), ...shardWith(['z orders'], 4) }));

    expect(ownTotalsOf(items).counters).toMatchObject({ 'z orders': 12, 'm 1': 1 });
  });

  it('keep the names that were shown before, whatever is added', () => {
    const before = ownTotalsOf([shardWith(namesOf('k'))]);

    const after = ownTotalsOf([shardWith([...namesOf('a'), ...namesOf('k')]), shardWith(namesOf('a'))], before);

    expect(Object.keys(after.counters).toSorted()).toEqual(namesOf('k').toSorted());
    expect(after.overflow).toBe(50);
  });

  it('never fall, nor does the overflow, while shards grow', () => {
    const names = fc.constantFrom(...namesOf('a', 'b'));
    const writes = fc.array(fc.tuple(fc.nat(3), fc.uniqueArray(names, { maxLength: 40 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(writes, (written) => {
        const shards: Record<string, number>[] = [{}, {}, {}, {}];
        let before: OwnTotals | undefined;
        for (const [shard, added] of written) {
          const item = shards[shard] ?? {};
          for (const name of added) item[counterNameAttribute(name)] = (item[counterNameAttribute(name)] ?? 0) + 1;
          const now = ownTotalsOf(shards, before);
          for (const [name, value] of Object.entries(before?.counters ?? {})) expect(now.counters[name]).toBeGreaterThanOrEqual(value);
          expect(now.overflow).toBeGreaterThanOrEqual(before?.overflow ?? 0);
          expect(shown(now)).toBeLessThanOrEqual(MAX_OWN_NAMES);
          before = now;
        }
      }),
    );
  });

  it('fit into an item of DynamoDB with a snapshot and the one before it, with the longest names', () => {
    const names = Array.from({ length: 200 }, (_, index) => `${'\u{1F40C}'.repeat(125)}${index}`);
    const items = [
      Object.fromEntries(names.flatMap((name) => ['c', 'n', 'm', 'i', 'o', 'I', 'O'].map((kind) => [`${kind} ${name}`, 2 ** 52 + 1]))),
    ];

    expect(Buffer.byteLength(JSON.stringify(ownTotalsOf(items)))).toBeLessThan(100 * 1_024);
  });
});

it('the name of an attribute is that of its metric; other attributes have none', () => {
  expect(['c a b', 'n a', 'm a', 'i a', 'O a'].map(ownNameOf)).toEqual(['a b', 'a', 'a', 'a', 'a']);
  expect(['overflow', 'names', 'z', 'series', 'entry', 'x a'].map(ownNameOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
