import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { boundedFile } from '../../../cli/commands/dev/terminal/bounded-file.ts';

test('never takes more than twice its bound, and keeps the last lines', async () => {
  await using owner = new AsyncDisposableStack();
  const folder = owner.adopt(await mkdtemp(join(tmpdir(), 'bounded-')), (path) => rm(path, { recursive: true }));
  const path = join(folder, 'log');
  const file = boundedFile(path, 100);

  for (let nth = 0; nth < 50; nth++)
    await new Promise<void>((written) => file.write(`line ${String(nth).padStart(3, '0')}\n`, () => written()));
  file.end();
  await finished(file);

  expect((await readdir(folder)).sort()).toEqual(['log', 'log.1']);
  const lines = ((await readFile(`${path}.1`, 'utf8')) + (await readFile(path, 'utf8'))).trimEnd().split('\n');
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => `line ${String(50 - lines.length + index).padStart(3, '0')}`));
  expect(lines.length).toBeGreaterThan(11);
  expect(lines.length).toBeLessThanOrEqual(22);
});

test('fails with the reason when it cannot be written', async () => {
  const file = boundedFile('/dev/null/log');

  file.write('line');

  await expect(finished(file)).rejects.toThrow(/EEXIST|ENOTDIR/);
});
