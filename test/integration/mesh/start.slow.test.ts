import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { readSamples } from '../../../cli/commands/dev/samples/run-samples.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { AwsMesh } from '../../helpers/aws-mesh.ts';
import { event, SOURCE } from '../../helpers/mesh-fixture.ts';
import { until } from '../../helpers/until.ts';

const PROJECT = join(import.meta.dirname, '../../..');

/** A command in its own process group, as in a terminal. */
interface Started {
  readonly child: ChildProcess;
  /** What it has written so far, without colours. */
  output(): string;
  /** Its exit code as a shell reports it, as soon as it has ended. */
  readonly ended: Promise<number>;
  /** Ctrl-C: the terminal sends the signal to the whole group. */
  interrupt(): void;
  /** Whether anything of it still runs. */
  isAlive(): boolean;
}

const running = new Set<Started>();
afterEach(async () => {
  for (const started of running) if (started.isAlive()) signalGroup(started.child, 'SIGKILL');
  for (const started of running) await rm(logOf(started), { force: true });
  running.clear();
});

function npmStart(...args: readonly string[]): Started {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: PROJECT,
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const started = {
    child,
    output: () => stripVTControlCharacters(text),
    ended: new Promise<number>((settle, fail) =>
      child.once('error', fail).once('close', (code, signal) => settle(code ?? exitCodeOf(signal))),
    ),
    interrupt: () => signalGroup(child, 'SIGINT'),
    isAlive: () => signalGroup(child, 0),
  };
  running.add(started);
  return started;
}

const exitCodeOf = (signal: NodeJS.Signals | null): number => 128 + (signal === null ? 0 : constants.signals[signal]);

/** @returns whether there was anyone to be told */
function signalGroup({ pid = 0 }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Nothing of it runs any more; what has ended may be in the list of processes until somebody asks for its exit code. */
const isGone = (started: Started) => until('all its processes have ended', () => !started.isAlive(), { seconds: 20 });

/** Fails as soon as the command has ended. */
const endpointOf = (started: Started) =>
  Promise.race([
    until('the mesh is up', () => /is up at (http:\S+)/.exec(started.output())?.[1], { describe: () => started.output() }),
    started.ended.then((code) => Promise.reject(new Error(`it ended with ${code} before the mesh was up:\n${started.output()}`))),
  ]);

/** The file in which it keeps what the agents write. */
const logOf = (started: Started): string => join(PROJECT, /^ *logs +(\S+)$/m.exec(started.output())?.[1] ?? 'no log');

describe('npm start', () => {
  test('-- --once runs every sample, shows what became of it, and exits with 0', async () => {
    const started = npmStart('--once', '--port', '0');

    const code = await started.ended;

    const samples = await readSamples(join(PROJECT, 'events/samples'));
    expect(started.output()).toContain(`${samples.size} samples, each ended as it declares.`);
    for (const name of samples.keys()) expect(started.output()).toMatch(new RegExp(`✔\\W+${name}\\W.*(processed|rejected|dead-lettered)`));
    expect(code).toBe(0);
    await isGone(started);
  });

  test('-- --no-samples --data DIR stays up until Ctrl-C, and the next one knows what was', async () => {
    await using stack = new AsyncDisposableStack();
    const data = stack.adopt(await mkdtemp(join(tmpdir(), 'posthorn-data-')), (folder) => rm(folder, { recursive: true }));
    const message = event({ documentId: 'kept', text: 'The kettle is wonderful and I am very happy with it.' });

    const first = npmStart('--no-samples', '--port', '0', '--data', data);
    const endpointUrl = await endpointOf(first);
    const before = stack.use(new AwsMesh(resolveSettings({ endpointUrl }, {})));
    await before.send('sentiment-analysis', [message]);
    const outcome = await before.outcomeOf('sentiment-analysis', SOURCE, message.id);
    await before.send('order-processing', ['not JSON']);
    const remedy = `npx posthorn errors show order-processing --endpoint-url ${endpointUrl}`;
    await until('the terminal says so', () => first.output().includes(remedy), { describe: () => first.output() });
    const third = npmStart('--no-samples', '--port', new URL(endpointUrl).port);
    const codeOfThird = await third.ended;
    first.interrupt();
    const code = await first.ended;

    expect(outcome.outcome).toBe('processed');
    expect([codeOfThird, third.output()]).toEqual([1, expect.stringMatching(/in use.*--port/)]);
    expect(third.output()).not.toMatch(/^\s+at /m);
    expect(first.output()).not.toMatch(/samples?, each/);
    expect(first.output()).toMatch(new RegExp(`\\d\\d:\\d\\d  sentiment-analysis  processed +${message.id}  [\\d,]+ ms\n`));
    expect(first.output()).toMatch(/ {2}order-processing +rejected +[\w-]{36} {2}[\d,]+ ms\n +InvalidEnvelope: the body is not safe JSON/);
    expect(await readFile(logOf(first), 'utf8')).toContain(`"messageId":"${message.id}"`);
    expect([0, 130]).toContain(code);
    await isGone(first);

    const second = npmStart('--no-samples', '--port', '0', '--data', data);
    const after = stack.use(new AwsMesh(resolveSettings({ endpointUrl: await endpointOf(second) }, {})));

    expect(await after.outcomeOf('sentiment-analysis', SOURCE, message.id)).toEqual(outcome);
    second.interrupt();
    expect([0, 130]).toContain(await second.ended);
    await isGone(second);
  });
});
