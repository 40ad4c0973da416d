import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

let fixture: MeshFixture;

beforeAll(async () => {
  fixture = await startMeshFixture({
    agentsFolder: join(import.meta.dirname, 'agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const top = (...args: string[]) => posthorn(['top', '--once', ...args, '--endpoint-url', fixture.cloud.endpoint]);
const measured = async () => JSON.parse((await top('--json')).stdout).find(({ agent }: { agent: string }) => agent === 'measuring');

test('posthorn top shows what became of messages, how long they waited, and what is left', async () => {
  const send = (end: string, count: number) =>
    fixture.mesh.send(
      'measuring',
      Array.from({ length: count }, () => event({ end })),
    );
  await until('there is a first snapshot', async () => (await measured())?.counts.deliveries === 0);
  await send('well', 12);
  await send('rejected', 3);
  await send('dead-lettered', 2);

  const done = await until('the probe has seen all outcomes', async () => {
    const metrics = await measured();
    const { processed, rejected, deadLettered } = metrics?.counts ?? {};
    const { errors, deadLetters } = metrics?.queues ?? {};
    return processed === 12 && rejected === 3 && deadLettered === 2 && errors?.visible === 3 && deadLetters?.visible === 2 && metrics;
  });

  expect(done).toMatchObject({
    ...{ agent: 'measuring', version: '1.2.3', windowSeconds: expect.any(Number), outcomesPerSecond: expect.any(Number) },
    counts: { deliveries: 19, retries: 2, interruptions: 0, duplicates: 0, sent: 12, unknownErrors: 0, lostWrites: 0 },
    wait: { count: 17, p50Ms: expect.any(Number), p95Ms: expect.any(Number) },
    handle: { count: 19 },
    critical: { count: 17 },
    queues: { inbox: { visible: 0, delayed: 0 } },
  });
  expect(done.load).toBeGreaterThan(0);
  expect(done.critical.p95Ms).toBeGreaterThanOrEqual(done.handle.p50Ms);

  const { stdout, stderr, code } = await top();
  const [head = '', line = ''] = stripVTControlCharacters(stdout).split('\n');
  expect(head.split(/ +/)).toEqual('AGENT MSG/S DONE REJ DEAD RETRY QUEUED BUSY WAIT95 HAND95 LOAD'.split(' '));
  expect(line).toMatch(/^measuring +\d+\.\d +12 +3 +2 +2 +- +- +[\d.]+ m?s +[\d.]+ m?s +\d+%$/);
  expect(Math.max(...stdout.split('\n').map((text) => stripVTControlCharacters(text).length))).toBeLessThanOrEqual(80);
  expect([stderr, code]).toEqual(['', 0]);
});

test('an agent that is paused is shown so', async () => {
  const flags = ['--endpoint-url', fixture.cloud.endpoint];
  await posthorn(['pause', 'measuring', ...flags]);
  await until('the probe has seen it', async () => (await measured())?.isPaused === true);
  const { stdout } = await top();
  expect(stripVTControlCharacters(stdout)).toMatch(/^measuring .* paused$/m);

  await posthorn(['resume', 'measuring', ...flags]);
  await until('the probe has seen that it goes on', async () => (await measured())?.isPaused === false);
});

test('without a mesh, posthorn top says where it looked', async () => {
  const { stdout, stderr, code } = await top('--stage', 'elsewhere');
  expect([stdout, code]).toEqual(['', 1]);
  expect(stderr).toMatch(/posthorn-elsewhere-metrics/);
});
