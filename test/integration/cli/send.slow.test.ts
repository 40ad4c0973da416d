import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnvelope } from '../../../events/parse-envelope.ts';
import { startWorld, type World } from './world.ts';

const INBOX = 'posthorn-dev-order-processing-inbox';

let world: World;
beforeAll(async () => {
  world = await startWorld(['order-processing', 'report-writing']);
});
afterAll(() => world[Symbol.asyncDispose]());

test('NDJSON of 25,000 lines arrives whole but for the line that is bad, which is kept', async () => {
  const lines = Array.from({ length: 25_000 }, (_, index) => JSON.stringify({ order: index }));
  lines[12_499] = '{"order": oops}';
  const path = join(world.folder, 'orders.ndjson');
  await writeFile(path, `${lines.join('\n')}\n`);
  const failed = join(world.folder, 'failed.ndjson');

  const { code, stdout, stderr } = await world.run([
    'send',
    path,
    '--agent',
    'order-processing',
    '--rate',
    'max',
    '--type',
    'order.placed',
    '--failed',
    failed,
  ]);

  expect(stderr).toMatch(/^line 12500: is not JSON \(.*\): write one event, or its data, as JSON\n$/);
  expect(stdout).toBe(`24,999 events sent to order-processing; 1 failed, written to ${failed}\n`);
  expect(code).toBe(1);
  expect(await readFile(failed, 'utf8')).toBe('{"order": oops}\n');
  const received = (await world.take(INBOX)).map(({ Body = '' }) => parseEnvelope(Body));
  expect(new Set(received.map(({ data }) => JSON.stringify(data))).size).toBe(24_999);
  expect(new Set(received.map(({ id }) => id)).size).toBe(24_999);
  expect(received.every(({ type }) => type === 'order.placed')).toBe(true);
});

test('each sample of the project can be sent', async () => {
  const folder = join(import.meta.dirname, '../../../events/samples');
  const samples = (await readdir(folder)).filter((name) => name.endsWith('.json'));

  const results = [];
  for (const name of samples) {
    const { code, stderr } = await world.run(['send', join(folder, name), '--agent', 'report-writing', '--rate', 'max']);
    results.push({ name, code, stderr });
  }

  expect(results.length).toBeGreaterThan(5);
  expect(results).toEqual(samples.map((name) => ({ name, code: 0, stderr: '' })));
  await world.take('posthorn-dev-report-writing-inbox');
});
