import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { MeshClient } from '../../../cli/commands/dev/samples/mesh-client.ts';
import { runSamples } from '../../../cli/commands/dev/samples/run-samples.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { meshName, repliesQueueName } from '../../../events/names.ts';
import { sampleSchema } from '../../../events/sample.ts';
import { until } from '../../helpers/until.ts';
import { type DevRunOptions, devProject, NEVER_SYNTHESIZED, startDev, stored } from './dev-project.ts';
import { freePort, startWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const owner = new AsyncDisposableStack();
afterAll(() => owner.disposeAsync());

async function dev(project: string, args: readonly string[], options: DevRunOptions = {}) {
  const { stdout, stderr, ended } = startDev(owner, project, args, options);
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}

const leftBehind = async (project: string) => (await readdir(join(project, '.posthorn'))).sort();

const KEPT = ['.gitignore', 'cache'];
const LOG = expect.stringMatching(/^dev-\d+\.log$/);
const STACK = /^\s+at /m;

describe('a project that is started several times', async () => {
  const project = await devProject(owner, { 'events/samples/order.json': await stored('order') });
  const start = async (...args: readonly string[]) => {
    const environment = {
      AWS_REGION: 'eu-central-1',
      AWS_PROFILE: 'nosuch',
      AWS_ACCESS_KEY_ID: 'no-secret',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    };
    const { code, stdout, stderr } = await dev(project, ['--once', '--json', ...args], { environment });
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };

  test('--json --once writes JSON and nothing else, whatever region, profile and endpoint the environment names', async () => {
    const [up, ...samples] = await start();

    expect(up).toMatchObject({ endpoint: expect.stringMatching(/^http:/), region: 'eu-central-1', stage: 'dev', unchanged: false });
    expect(up).toMatchObject({ metrics: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/dev\/metrics$/) });
    expect(samples).toMatchObject([{ sample: 'order', differences: [], facts: { charges: 1 }, replies: 1 }]);
    expect(await leftBehind(project)).toEqual([...KEPT, LOG]);
  });

  test('synthesizes nothing the second time, and again for another stage, other packages and an edit', async () => {
    expect(await start('--no-samples')).toMatchObject([{ unchanged: true }]);
    expect(await start('--no-samples', '--stage', 'prod')).toMatchObject([{ stage: 'prod', unchanged: false }]);
    await writeFile(join(project, 'package-lock.json'), '{}');
    expect(await start('--no-samples', '--stage', 'prod')).toMatchObject([{ unchanged: false }]);
    await writeFile(join(project, 'functions/agents/order-processing/order.ts'), '\n', { flag: 'a' });
    expect(await start('--no-samples', '--stage', 'prod')).toMatchObject([{ unchanged: false }]);
    expect(await start('--no-samples', '--stage', 'prod')).toMatchObject([{ unchanged: true }]);
  });
});

test('prefix and stage of cdk.json name the mesh, and --stage wins', async () => {
  const context = { prefix: 'acme', stage: 'test' };
  const configuration = { ...z.looseObject({}).parse(JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'))), context };
  const project = await devProject(owner, { 'events/samples/order.json': await stored('order'), 'cdk.json': configuration });
  const start = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await dev(project, ['--once', '--json', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };

  expect(await start()).toMatchObject([context, { sample: 'order', differences: [] }]);
  expect(await start('--stage', 'other')).toMatchObject([
    { prefix: 'acme', stage: 'other' },
    { sample: 'order', differences: [] },
  ]);
});

test.each([
  ['Acme', /^posthorn: cdk\.json: context: prefix 'Acme'/],
  [7, /^posthorn: cdk\.json: context: prefix and stage must be strings/],
])('a prefix %j in cdk.json is refused in a sentence', async (prefix, message) => {
  const configuration = { app: 'node infra/app.ts', context: { prefix } };
  const project = await devProject(owner, { 'infra/app.ts': NEVER_SYNTHESIZED, 'cdk.json': configuration });

  const { code, stderr } = await dev(project, []);

  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

test('--once shows samples that could not be sent, runs the others, and exits with 1; so it does without its log', async () => {
  const order = await stored('order');
  const project = await devProject(owner, {
    'events/samples/order.json': order,
    'events/samples/astray.json': { ...order, agent: 'order-procesing', expect: { outcomes: {} } },
    'events/samples/without-content.json': {
      ...{ title: 't', description: 'd', agent: 'order-processing', expect: { outcomes: {} } },
      ...{ content: { text: { file: 'gone.txt', contentType: 'text/plain' } }, events: [{ id: 'e' }] },
    },
  });
  const port = await freePort();
  await mkdir(join(project, `.posthorn/dev-${port}.log`), { recursive: true });

  const { code, stdout, stderr } = await dev(project, ['--once', '--port', port]);

  expect(stdout).toMatch(/✔ order\s+order-processing\s+processed/);
  expect(stdout).toMatch(/✘ astray: .*no agent 'order-procesing'.*Did you mean 'order-processing'\?/);
  expect(stdout).toMatch(/✘ without-content: .*gone\.txt/);
  expect(stdout).toContain('2 of 3 samples did not end as declared');
  expect(stderr).toMatch(/dev-\d+\.log.*EISDIR/);
  expect(stdout + stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

/** Sends the signals, one upon the other, as soon as stdout has this. */
function signalling(at: RegExp, ...signals: readonly NodeJS.Signals[]): DevRunOptions {
  let isSent = false;
  return {
    onOutput(stdout, child) {
      if (isSent || !at.test(stdout)) return;
      isSent = true;
      for (const signal of signals) child.kill(signal);
    },
  };
}

test('Ctrl-C during the samples ends it cleanly with 130, though npm passes it on a second time', async () => {
  const project = await devProject(owner, { 'events/samples/payment-down.json': await stored('payment-down') });

  const { code, stdout, stderr } = await dev(project, ['--once'], signalling(/Sending 1 sample/, 'SIGINT', 'SIGINT'));

  expect(stdout).toContain('Stopping');
  expect(stdout).not.toMatch(/samples?,? (each|did)/);
  expect(stdout + stderr).not.toMatch(STACK);
  expect(code).toBe(130);
  expect(await leftBehind(project)).toEqual([...KEPT, LOG]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('one %s while it starts ends it cleanly with %d, and what killed ones have left goes', async (signal, exitCode) => {
  const { pid } = spawnSync('true');
  const project = await devProject(owner, { 'infra/app.ts': NEVER_SYNTHESIZED, [`.posthorn/cdk.out.${pid}.1/asset`]: '' });

  const { code, stdout, stderr } = await dev(project, ['--once'], signalling(/Synthesizing/, signal));

  expect(stderr.trim()).toBe('posthorn: interrupted');
  expect(stdout).not.toContain('is up at');
  expect(code).toBe(exitCode);
  expect(await leftBehind(project)).toEqual(KEPT);
});

test.each([
  ['nothing', '', 'Give a directory'],
  ['a file', 'package.json', 'package.json cannot be written to'],
  ['a path through a file', 'package.json/data', 'package.json/data cannot be written to'],
])('--data with %s is refused at once', async (_what, directory, message) => {
  const project = await devProject(owner, { 'infra/app.ts': NEVER_SYNTHESIZED });

  const { code, stdout, stderr } = await dev(project, ['--data', directory]);

  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toMatch(STACK);
  expect([code, stdout]).toEqual([1, '']);
});

test('prints the URL of /metrics, which has the agents after the first snapshot', async () => {
  const project = await devProject(owner);
  const run = startDev(owner, project, ['--no-samples', '--no-watch']);
  const url = await until('it is up', () => /metrics +(\S+)[\s\S]*Ctrl-C/.exec(run.stdout())?.[1], { describe: run.stderr });

  await until('a snapshot', async () => (await (await fetch(url)).text()).includes('posthorn_agent_info{agent="order-processing"'));

  run.child.kill('SIGINT');
  expect(await run.ended).toBe(0);
});

test('a disk that becomes full ends it, with the directory and the remedy', async () => {
  const project = await devProject(owner);
  // No file of the process may be larger than 20 MB: as for the process, the disk is full then.
  const run = startDev(owner, project, ['--data', 'data', '--no-samples', '--no-watch'], { largestFileKilobytes: 20_000 });
  const endpoint = await until('it is up', () => /is up at (\S+)[\s\S]*Ctrl-C/.exec(run.stdout())?.[1], { describe: run.stderr });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: repliesQueueName(meshName()) }));

  const fill = async () => {
    for (;;) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm'.repeat(900_000) }));
  };
  await expect(fill()).rejects.toThrow();

  expect(await run.ended).toBe(1);
  expect(run.stderr()).toMatch(/^posthorn: \/\S+\/data cannot be written to \(.*\): free space or give permission/m);
  expect(run.stdout() + run.stderr()).not.toMatch(STACK);
});

test('an agent that does not parse is reported with its file and line, and nothing of Node', async () => {
  const project = await devProject(owner);
  const agent = 'functions/agents/order-processing/agent.ts';
  await writeFile(join(project, agent), 'import { z } from "zod";\nconst half = ;\n');

  const { code, stderr } = await dev(project, ['--once']);

  expect(stderr).toMatch(/\nfunctions\/agents\/order-processing\/agent\.ts:2\n/);
  expect(stderr).toMatch(/\n+const half = ;\n +\^\n+SyntaxError: /);
  expect(stderr).not.toMatch(/node:|Node\.js|ERR_/);
  expect(stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

test.each([
  ['no cdk.json', {}, /cdk\.json does not exist/],
  ['a cdk.json without an app', { 'cdk.json': '{}' }, /cdk\.json names no 'app'/],
])('a folder with %s is refused in a sentence with the remedy', async (_what, files, message) => {
  const folder = owner.adopt(await mkdtemp(join(tmpdir(), 'posthorn-none-')), (path) => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);

  const { code, stdout, stderr } = await dev(folder, []);

  expect(stderr).toMatch(message);
  expect(stderr).toContain('npx posthorn init');
  expect(stdout + stderr).not.toMatch(STACK);
  expect([code, stdout, await readdir(folder)]).toEqual([1, '', Object.keys(files)]);
});

test('a local.ts that does not start ends the start, with its name and reason', async () => {
  const project = await devProject(owner, {
    'infra/app.ts': NEVER_SYNTHESIZED,
    'functions/agents/order-processing/local.ts': 'export default () => { throw new Error("no key for the sandbox"); };',
  });

  const { code, stderr } = await dev(project, []);

  expect(stderr).toContain('functions/agents/order-processing/local.ts could not be started: no key for the sandbox');
  expect(stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

test('replies that cannot be collected end the samples at once, with the reason', async () => {
  await using world = await startWorld([], { replies: false });
  await using client = new MeshClient(resolveSettings({ endpointUrl: world.url, json: true }, {}));
  const endless = sampleSchema.parse(await stored('order'));

  const running = runSamples(new Map([['order', endless]]), {
    folder: tmpdir(),
    mesh: client,
    facts: () => ({}),
    signal: new AbortController().signal,
    onProgress: () => {},
  });

  await expect(running).rejects.toThrow('has no replies queue');
});

test('--endpoint-url is refused: dev is the endpoint', async () => {
  const { code, stdout, stderr } = await dev(tmpdir(), ['--endpoint-url', 'http://127.0.0.1:4566']);

  expect(stderr).toMatch(/dev takes no --endpoint-url.*\n.*--port/);
  expect([code, stdout]).toEqual([1, '']);
});
