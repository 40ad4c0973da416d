import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grouped, nextMessages } from '../../../local/services/next-messages.ts';

const of = (...groups: readonly (string | undefined)[]): readonly Grouped[] =>
  groups.map((group) => (group === undefined ? {} : { messageGroupId: group }));
const NONE: ReadonlySet<string> = new Set();
const counts = (entries: Readonly<Record<string, number>>, withoutGroup = 0) =>
  new Map<string | undefined, number>([...Object.entries(entries), ...(withoutGroup > 0 ? [[undefined, withoutGroup] as const] : [])]);

describe('a receive of a fair queue', () => {
  test('takes messages in their order while no group is noisy', () => {
    expect(nextMessages(of('a', 'b', undefined, 'a'), counts({ a: 29 }), NONE, 3)).toMatchObject({ indexes: [0, 1, 2], noisy: NONE });
    expect(nextMessages([], counts({}), NONE, 10)).toMatchObject({ indexes: [], noisy: NONE });
  });

  test.each([
    ['29 of 29 in flight', counts({ a: 29 }), false],
    ['30 of 30', counts({ a: 30 }), true],
    ['30 of 300, which is not more than a tenth', counts({ a: 30, b: 20 }, 250), false],
    ['31 of 301', counts({ a: 31, b: 20 }, 250), true],
  ])('%s: whether the group is noisy', (_what, inFlight, isNoisy) => {
    const { indexes, noisy } = nextMessages(of('a', 'b'), inFlight, NONE, 1);

    expect([...noisy]).toEqual(isNoisy ? ['a'] : []);
    expect(indexes).toEqual([isNoisy ? 1 : 0]);
  });

  test('takes those of quiet groups first, and those without a group, then the noisy ones', () => {
    const { indexes } = nextMessages(of('a', 'a', 'b', undefined, 'a', 'c'), counts({ a: 40 }), NONE, 5);

    expect(indexes).toEqual([2, 3, 5, 0, 1]);
  });

  test('messages without a group are never noisy, however many are in flight', () => {
    expect(nextMessages(of(undefined, 'a'), counts({}, 1_000), NONE, 2)).toMatchObject({ indexes: [0, 1], noisy: NONE });
  });

  test('of several noisy groups, takes from the one with the fewest messages in flight', () => {
    const { indexes } = nextMessages(of('a', 'a', 'a', 'a', 'b', 'b', 'b'), counts({ a: 42, b: 40 }), NONE, 5);

    expect(indexes).toEqual([4, 5, 0, 6, 1]);
  });

  test('a group stays noisy with few messages in flight, until none of its messages waits', () => {
    const noisy = new Set(['a']);

    expect(nextMessages(of('a', 'b'), counts({ a: 1 }), noisy, 2)).toMatchObject({ indexes: [1, 0], noisy });
    expect(nextMessages(of('b', 'b', 'a'), counts({ a: 1 }), noisy, 2)).toMatchObject({ indexes: [0, 1], noisy });
    expect(nextMessages(of('b'), counts({ a: 1 }), noisy, 2)).toMatchObject({ indexes: [0], noisy: NONE });
  });

  test('does not look again through what is known to be noisy', () => {
    const noisy = new Set(['a']);
    const backlog = of('a', 'a', 'a');

    expect(nextMessages(backlog, counts({ a: 40 }), noisy, 1)).toEqual({ indexes: [0], noisy, isNoisyRest: true });
    const looked: number[] = [];
    const watched = new Proxy([...backlog, ...of('b', 'a')], {
      get(target, key) {
        if (/^\d+$/.test(String(key))) looked.push(Number(key));
        return Reflect.get(target, key);
      },
    });
    expect(nextMessages(watched, counts({ a: 40 }), noisy, 1, 3)).toEqual({ indexes: [3], noisy, isNoisyRest: false });
    expect(looked).toEqual([3]);
  });

  test('takes as many as there are, each once, and never a noisy one before a quiet one', () => {
    const group = fc.constantFrom('a', 'b', 'c', undefined);
    const inFlight = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 100 }));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 40 }), inFlight, fc.integer({ min: 1, max: 10 }), (groups, load, maxMessages) => {
        const { indexes } = nextMessages(of(...groups), counts(load), NONE, maxMessages);
        const { noisy } = nextMessages(of('a', 'b', 'c'), counts(load), NONE, 3);
        const isNoisy = (index: number) => noisy.has(groups[index] ?? '');

        expect(indexes).toHaveLength(Math.min(maxMessages, groups.length));
        expect(new Set(indexes).size).toBe(indexes.length);
        const taken = new Set(indexes);
        if (indexes.some(isNoisy)) expect(groups.some((_group, index) => !taken.has(index) && !isNoisy(index))).toBe(false);
        expect(indexes.map(isNoisy)).toEqual(indexes.map(isNoisy).toSorted((one, other) => Number(one) - Number(other)));
      }),
    );
  });
});
