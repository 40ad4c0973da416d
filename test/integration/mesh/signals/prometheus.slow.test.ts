import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { edgeName, functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { runTool } from '../../../helpers/run-tool.ts';
import { until } from '../../../helpers/until.ts';

// These need Prometheus itself and promtool. Without them they fail, so that nobody believes that they passed.

const docs = join(import.meta.dirname, '../../../../docs/monitoring');
const promtool = (args: readonly string[], input?: string) => runTool('promtool', args, input);

let fixture: MeshFixture;
let url: string;

beforeAll(async () => {
  fixture = await startMeshFixture({
    agentsFolder: join(import.meta.dirname, 'agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
  url = `${fixture.cloud.apis.find(({ name }) => name === edgeName(meshName()))?.stages[0]?.url}metrics`;
});
afterAll(() => fixture[Symbol.asyncDispose]());

const send = (end: string, count: number) =>
  fixture.mesh.send(
    'measuring',
    Array.from({ length: count }, () => event({ end })),
  );

test('promtool finds no fault in the metrics, the configuration and the rules, and the rules do what their tests ask', async () => {
  await send('well', 1);
  const metrics = await until('the metrics have a message', async () => {
    const text = await (await fetch(url)).text();
    return /posthorn_messages_total{agent="measuring",outcome="processed"} [1-9]/.test(text) && text;
  });

  expect(await promtool(['check', 'metrics'], metrics)).toEqual({ output: '', code: 0 });
  for (const args of [
    ['check', 'config', join(docs, 'prometheus.yml')],
    ['check', 'config', join(docs, 'prometheus-aws.yml')],
    ['check', 'rules', join(docs, 'rules.yml')],
    ['test', 'rules', join(docs, 'rules.test.yml')],
  ])
    expect(await promtool(args)).toMatchObject({ output: expect.stringContaining('SUCCESS'), code: 0 });
});

test('Prometheus scrapes a running mesh, and its rules have values', async () => {
  await using prometheus = await startPrometheus(url);
  const value = async (query: string) => (await prometheus.query(query))[0];
  // A rate needs a scrape before what it counts.
  await until('a first scrape', async () => (await value('up{job="posthorn-local"}')) === 1);
  const before = (await value('sum(posthorn_messages_total)')) ?? 0;
  await send('well', 8);
  await send('rejected', 2);

  await until('all outcomes', async () => (await value('sum(posthorn_messages_total)')) === before + 10);
  const recorded = [...readFileSync(join(docs, 'rules.yml'), 'utf8').matchAll(/record: (\S+)/g)].map(([, name = '']) => name);
  expect(recorded.length).toBeGreaterThan(5);
  for (const name of recorded)
    await until(`values of ${name}`, async () => (await prometheus.query(name)).some((found) => Number.isFinite(found)));

  // A rule may have had its value before the last scrape: its next evaluation has all that was scraped.
  for (const name of ['posthorn:failures:ratio5m', 'posthorn:handle_seconds:p95_5m'])
    await until(`${name} is above 0`, async () => ((await value(name)) ?? 0) > 0);
  expect(await value('posthorn_agent_info{version="1.2.3"}')).toBe(1);
  // A snapshot may have counted the queue before the last message came, and a rule is healthy from its first evaluation on.
  await until(
    'both rejected messages are counted',
    async () => (await value('posthorn_queue_messages{queue="errors",state="visible"}')) === 2,
  );
  await until('every rule is healthy', async () => (await prometheus.unhealthyRules()).length === 0);
});

const resultSchema = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });
const rulesSchema = z.object({
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })) }),
});

async function startPrometheus(metricsUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-prometheus-'));
  const { host, pathname } = new URL(metricsUrl);
  const config = readFileSync(join(docs, 'prometheus.yml'), 'utf8')
    .replaceAll(/(scrape|evaluation)_interval: \d+s/g, '$1_interval: 1s')
    .replace('127.0.0.1:4666', host)
    .replace('/dev/metrics', pathname)
    .replace('- rules.yml', `- ${join(docs, 'rules.yml')}`);
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ended = once(child, 'exit').catch((error: unknown) => {
    throw new Error('prometheus does not run: install the Debian package prometheus, as .ci/run does', { cause: error });
  });
  const ready = async () => (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok === true;
  await Promise.race([ended.then(() => Promise.reject(new Error(log))), until('Prometheus is ready', ready, { describe: () => log })]);
  const get = async (path: string): Promise<unknown> => (await fetch(`http://${address}/api/v1/${path}`)).json();
  return {
    query: async (query: string) =>
      resultSchema.parse(await get(`query?query=${encodeURIComponent(query)}`)).data.result.map(({ value: [, text] }) => Number(text)),
    unhealthyRules: async () =>
      rulesSchema.parse(await get('rules')).data.groups.flatMap(({ rules }) => rules.filter(({ health }) => health !== 'ok')),
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return z.object({ port: z.number() }).parse(address).port;
}
