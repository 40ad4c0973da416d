import { beforeAll, expect, test } from 'vitest';
import { measureRegistry, REGISTRY_CASES, type RegistryFigures } from '../../../bench/registry/measure-registry.ts';

// Counts, which are the same on a busy machine; of time nothing.

const LOAD_SECONDS = 20;

let figures: readonly RegistryFigures[];

beforeAll(async () => {
  figures = await measureRegistry({ cases: REGISTRY_CASES, offers: 200, loadSeconds: LOAD_SECONDS, onProgress: () => undefined });
});

const of = (items: number, matches: number): RegistryFigures =>
  figures.find((each) => each.items === items && each.matches === matches && !each.hasRollouts) ??
  expect.fail(`no figures of ${matches} in ${items}`);

const counts = ({ find, cold, pick, pickRange, load }: RegistryFigures) =>
  [find, cold, pick, pickRange, load].map(({ requests, readUnits }) => ({ requests, readUnits }));

test.each([1, 20, 200])('a find of %d agents costs the same in a mesh of 1,000 offers and of 10,000', (matches) => {
  expect(counts(of(10_000, matches))).toEqual(counts(of(1_000, matches)));
});

test('a find is one request, and half a unit for each begun 4 KB of the offers that have the capability', () => {
  for (const { matches, itemBytes, find, cold } of figures.filter(({ matches: count }) => count <= 200)) {
    const readUnits = Math.ceil((matches * itemBytes) / 4_096) / 2;
    expect([find, cold]).toEqual([
      expect.objectContaining({ requests: 1, readUnits }),
      expect.objectContaining({ requests: 1, readUnits }),
    ]);
  }
  expect(counts(of(10, 1))).toEqual(counts(of(10_000, 1)));
  expect(counts(of(10, 10))[0]).toEqual({ requests: 1, readUnits: 0.5 });
});

test('10,000 agents of one capability are read in pages of a megabyte', () => {
  const { cold, find, itemBytes } = of(10_000, 10_000);
  const megabytes = (10_000 * itemBytes) / 2 ** 20;

  expect(cold.requests).toBe(Math.ceil(megabytes));
  expect(find.requests).toBe(cold.requests);
  // Each page is rounded up by itself.
  expect(cold.readUnits).toBeGreaterThanOrEqual(megabytes * 128);
  expect(cold.readUnits).toBeLessThan(megabytes * 128 + cold.requests);
});

test('a message of a warm process asks nobody, and a process that sends 1,000 a second reads once in ten seconds', () => {
  for (const { pick, pickRange, load, cold } of figures) {
    expect([pick, pickRange].map(({ requests, readUnits }) => [requests, readUnits])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(load).toEqual({
      seconds: LOAD_SECONDS,
      requests: (cold.requests * LOAD_SECONDS) / 10,
      readUnits: (cold.readUnits * LOAD_SECONDS) / 10,
    });
  }
});

test('an offer is a quarter of a kilobyte, and rollouts that have ended do not grow with the number of agents', () => {
  const plain = of(1_000, 200);
  const after = figures.find(({ hasRollouts }) => hasRollouts) ?? expect.fail('no figures with rollouts');

  expect(plain.itemBytes).toBeGreaterThan(200);
  expect(plain.itemBytes).toBeLessThan(256);
  // One of the 200 is under way: it names them all.
  expect(after.itemBytes).toBeLessThan(plain.itemBytes + 400);
});
