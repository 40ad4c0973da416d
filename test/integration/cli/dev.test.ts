import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { MeshClient } from '../../../cli/commands/dev/mesh-client.ts';
import { runSamples, SAMPLES } from '../../../cli/commands/dev/run-samples.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { sampleSchema } from '../../../events/sample.ts';
import { startPaymentService } from '../../../functions/agents/order-processing/payment-service.ts';
import { freePort, startWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const temporary = new AsyncDisposableStack();
afterAll(() => temporary.disposeAsync());

/** A copy of the project whose samples are these, by name. @param app the code of its CDK app, if not its own */
async function projectWith(samples: Readonly<Record<string, object>>, app?: string): Promise<string> {
  const project = temporary.adopt(await mkdtemp(join(tmpdir(), 'posthorn-dev-')), (folder) => rm(folder, { recursive: true }));
  const isSample = (path: string) => path.startsWith(join(ROOT, 'events/samples/')) && path.endsWith('.json');
  for (const part of [
    'cdk.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'cli',
    'client',
    'events',
    'functions',
    'infra',
    'local',
  ])
    await cp(join(ROOT, part), join(project, part), { recursive: true, filter: (path) => !isSample(path) });
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  for (const [name, sample] of Object.entries(samples))
    await writeFile(join(project, 'events/samples', `${name}.json`), JSON.stringify(sample));
  if (app !== undefined) await writeFile(join(project, 'infra/app.ts'), app);
  return project;
}

const stored = async (name: string) =>
  z.looseObject({}).parse(JSON.parse(await readFile(join(ROOT, 'events/samples', `${name}.json`), 'utf8')));

interface DevRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface DevRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sends the signals, one upon the other, as soon as stdout has this. */
  readonly at?: RegExp;
  readonly signals?: readonly NodeJS.Signals[];
}

/** `posthorn dev` as a person runs it, but for the port; stdout and stderr are pipes. */
async function dev(
  project: string,
  args: readonly string[],
  { env = {}, cwd = project, at, signals = [] }: DevRunOptions = {},
): Promise<DevRun> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [join(project, 'cli/bin.mjs'), 'dev', '--port', '0', ...args], {
    cwd,
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  temporary.defer(() => void child.kill());
  let [stdout, stderr, isTold] = ['', '', false];
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
    if (isTold || at?.test(stripVTControlCharacters(stdout)) !== true) return;
    isTold = true;
    for (const signal of signals) child.kill(signal);
  });
  const code = await new Promise<number | null>((settle, fail) => child.once('error', fail).once('close', settle));
  return { code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}

const leftBehind = (project: string) => readdir(join(project, '.posthorn'));

const LOG = expect.stringMatching(/^dev-\d+\.log$/);
const STACK = /^\s+at /m;

test('--json --once writes JSON and nothing else, whatever region, profile and endpoint the environment names, for prod too', async () => {
  const project = await projectWith({ order: await stored('order'), 'document-5-mb': await stored('document-5-mb') });
  const elsewhere = temporary.adopt(await mkdtemp(join(tmpdir(), 'posthorn-cwd-')), (folder) => rm(folder, { recursive: true }));
  const env = { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'nosuch', AWS_ACCESS_KEY_ID: 'no-secret', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

  const { code, stdout, stderr } = await dev(project, ['--once', '--json', '--stage', 'prod'], { env, cwd: elsewhere });

  expect(stderr).toBe('');
  const [up, ...samples] = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(up).toMatchObject({ endpoint: expect.stringMatching(/^http:/), region: 'eu-central-1', stage: 'prod' });
  expect(samples).toMatchObject([
    { sample: 'document-5-mb', differences: [], replies: 1 },
    { sample: 'order', differences: [], charges: 1 },
  ]);
  expect(code).toBe(0);
  expect([await leftBehind(project), await readdir(elsewhere)]).toEqual([[LOG], []]);
});

test('--once tells of samples that could not be sent, runs the others, and exits with 1; so it does without its log', async () => {
  const [order, document] = [await stored('order'), await stored('document-text')];
  const project = await projectWith({
    order,
    astray: { ...order, agent: 'order-procesing', expect: { outcomes: {} } },
    'without-content': { ...document, content: { text: { file: 'gone.txt', contentType: 'text/plain' } }, events: [{ id: 'e' }] },
  });
  const port = await freePort();
  await mkdir(join(project, `.posthorn/dev-${port}.log`), { recursive: true });

  const { code, stdout, stderr } = await dev(project, ['--once', '--port', port]);

  expect(stdout).toMatch(/✔ order\s+order-processing\s+processed/);
  expect(stdout).toMatch(/✘ astray: .*no agent 'order-procesing'.*Did you mean 'order-processing'\?/);
  expect(stdout).toMatch(/✘ without-content: .*gone\.txt/);
  expect(stdout).toContain('2 of 3 samples did not end as they declare');
  expect(stderr).toMatch(/dev-\d+\.log.*EISDIR/);
  expect(stdout + stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

test('Ctrl-C during the samples ends it cleanly with 130, though npm passes it on a second time', async () => {
  const project = await projectWith({ 'payment-down': await stored('payment-down') });

  const { code, stdout, stderr } = await dev(project, ['--once'], { at: /❯ payment-down/, signals: ['SIGINT', 'SIGINT'] });

  expect(stdout).toContain('Stopping');
  expect(stdout).not.toMatch(/samples?,? (each|did)/);
  expect(stdout + stderr).not.toMatch(STACK);
  expect(code).toBe(130);
  expect(await leftBehind(project)).toEqual([LOG]);
});

/** Whatever must come before the synthesis comes here, or never. */
const NEVER_SYNTHESIZED = 'setInterval(() => {}, 1_000_000);';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('one %s while it starts ends it cleanly with %d, and with what killed ones have left', async (signal, exitCode) => {
  const project = await projectWith({}, NEVER_SYNTHESIZED);
  const { pid } = spawnSync('true');
  await mkdir(join(project, `.posthorn/cdk.out.${pid}/asset`), { recursive: true });

  const { code, stdout, stderr } = await dev(project, ['--once'], { at: /Synthesizing/, signals: [signal] });

  expect(stderr.trim()).toBe('posthorn: interrupted');
  expect(stdout).not.toContain('is up at');
  expect(code).toBe(exitCode);
  expect(await leftBehind(project)).toEqual([]);
});

test.each([
  ['nothing', '', 'Give a directory'],
  ['a file', 'package.json', "--data 'package.json' is no directory"],
  ['a path through a file', 'package.json/data', "--data 'package.json/data' is no directory"],
])('--data with %s is refused at once', async (_what, directory, message) => {
  const project = await projectWith({}, NEVER_SYNTHESIZED);

  const { code, stdout, stderr } = await dev(project, ['--data', directory]);

  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toMatch(STACK);
  expect([code, stdout]).toEqual([1, '']);
});

test('an agent that does not parse is told in a line with its file, and nothing of Node', async () => {
  const project = await projectWith({});
  const agent = join(project, 'functions/agents/order-processing/agent.ts');
  await writeFile(agent, `${await readFile(agent, 'utf8')}\nconst half = ;\n`);
  const lineNumber = (await readFile(agent, 'utf8')).split('\n').length - 1;

  const { code, stderr } = await dev(project, ['--once']);

  expect(stderr).toMatch(
    new RegExp(`\\nfunctions/agents/order-processing/agent\\.ts:${lineNumber}\n+const half = ;\n +\\^\n+SyntaxError: `),
  );
  expect(stderr).not.toMatch(/node:|Node\.js|ERR_/);
  expect(stderr).not.toMatch(STACK);
  expect(code).toBe(1);
});

test('replies that cannot be collected end the samples at once, with the reason', async () => {
  await using world = await startWorld([], { replies: false });
  await using payments = await startPaymentService();
  await using client = new MeshClient(resolveSettings({ endpointUrl: world.url, json: true }, {}), payments);
  const endless = sampleSchema.parse(await stored('order'));

  const running = runSamples(new Map([['order', endless]]), SAMPLES, client, new AbortController().signal);

  await expect(running).rejects.toThrow("stage 'dev' has no replies queue");
});

test('--endpoint-url is refused: dev is the endpoint', async () => {
  const { code, stdout, stderr } = await dev(ROOT, ['--endpoint-url', 'http://127.0.0.1:4566']);

  expect(stderr).toMatch(/dev takes no --endpoint-url.*\n.*--port/);
  expect([code, stdout]).toEqual([1, '']);
});
