import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { writeCachedBundle } from '../../infra/constructs/bundle-cache.ts';
import { until } from '../helpers/until.ts';

const owner = new AsyncDisposableStack();
afterAll(() => owner.disposeAsync());

let folder: string;
let bundled: number;

const path = (...names: readonly string[]) => join(folder, ...names);

beforeEach(async () => {
  folder = owner.adopt(await mkdtemp(join(tmpdir(), 'bundle-cache-')), (made) => rm(made, { recursive: true }));
  bundled = 0;
  await mkdir(path('src'));
  await writeFile(path('src', 'agent.ts'), 'old');
});

/** A bundle of what was changed a moment ago is not kept. */
const settled = () => {
  const changedMs = Date.now();
  return until('the change is older', () => Date.now() > changedMs + 40);
};

/** @returns the files of the output folder */
async function bundle({ key = 'agent', whileBundling = () => {} } = {}): Promise<Readonly<Record<string, string>>> {
  const output = await mkdtemp(path('out-'));
  await settled();
  writeCachedBundle({ cacheFolder: path('cache'), key, watched: [path('package.json')] }, output, () => {
    bundled += 1;
    whileBundling();
    return { files: [{ name: 'index.mjs', contents: Buffer.from(`bundle ${bundled}`) }], inputs: [path('src', 'agent.ts')] };
  });
  const names = await readdir(output);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(output, name), 'utf8')] as const)));
}

test('what has not changed is bundled once', async () => {
  expect([await bundle(), await bundle(), await bundle()]).toEqual(Array.from({ length: 3 }, () => ({ 'index.mjs': 'bundle 1' })));
});

test.each([
  ['an input', () => writeFile(path('src', 'agent.ts'), 'new')],
  [
    'an input whose modification time is set back',
    async () => {
      await writeFile(path('src', 'agent.ts'), 'odd');
      await utimes(path('src', 'agent.ts'), 1, 1);
    },
  ],
  ['a file beside an input, which may be found in its place,', () => writeFile(path('src', 'agent.tsx'), '')],
  ['a watched file that did not exist', () => writeFile(path('package.json'), '{}')],
  [
    'a cache that is damaged',
    async () => {
      for (const name of await readdir(path('cache'))) await writeFile(path('cache', name, 'inputs.json'), '{');
    },
  ],
])('after a change of %s it is bundled again', async (_what, change) => {
  await bundle();

  await change();

  expect([await bundle(), await bundle()]).toEqual([{ 'index.mjs': 'bundle 2' }, { 'index.mjs': 'bundle 2' }]);
});

test('another function, and another way to bundle it, has another key', async () => {
  expect([await bundle(), await bundle({ key: 'other' })]).toEqual([{ 'index.mjs': 'bundle 1' }, { 'index.mjs': 'bundle 2' }]);
});

test('a bundle of an input that is saved meanwhile is not kept', async () => {
  await bundle({ whileBundling: () => writeFileSync(path('src', 'agent.ts'), 'new') });

  expect(await bundle()).toEqual({ 'index.mjs': 'bundle 2' });
});
