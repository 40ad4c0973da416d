import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// As a team would begin, from nothing but the package: the steps build on each other.

const ROOT = join(import.meta.dirname, '../..');
const MINUTES = 60_000;
const temporary = new AsyncDisposableStack();
afterAll(() => temporary.disposeAsync());

/** Without what this repository's scripts have set: a team's shell has none of it, but how it reaches the registry. */
const environment = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => !/^(npm_(?!config_(registry|cafile|proxy|https_proxy)$)|NODE_(?!EXTRA_CA_CERTS$)|VITEST|POSTHORN|AWS_)/i.test(name))
    .map(([name, value]) => [name, name === 'PATH' ? (value ?? '').replaceAll(`${join(ROOT, 'node_modules/.bin')}:`, '') : value]),
);

const run = async (command: string, args: readonly string[], cwd: string): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env: environment, maxBuffer: 64 * 1_048_576 }).catch(
    (error: unknown) => {
      const output = error instanceof Error && 'stdout' in error && 'stderr' in error ? `${error.stdout}\n${error.stderr}` : '';
      throw new Error(`${command} ${args.join(' ')} failed:\n${output}`, { cause: error });
    },
  );
  return stripVTControlCharacters(`${stdout}\n${stderr}`);
};

async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--pack-destination', folder], ROOT);
  const [tarball] = globSync('posthorn-*.tgz', { cwd: folder });
  if (tarball === undefined) throw new Error('npm pack wrote no tarball');
  return join(folder, tarball);
}

/** A new repository, written by `posthorn init` from the tarball alone, and not yet installed. */
async function beginRepository(): Promise<string> {
  const folder = temporary.adopt(await mkdtemp(join(tmpdir(), 'posthorn-team-')), (path) => rm(path, { recursive: true, force: true }));
  const tarball = await pack(folder);
  const tools = join(folder, 'tools');
  await mkdir(tools);
  await writeFile(join(tools, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', tarball], tools);
  await run(join(tools, 'node_modules/.bin/posthorn'), ['init', 'my-mesh'], folder);
  const project = join(folder, 'my-mesh');
  await dependOn(tarball, project);
  return project;
}

/** Points a new repository at the tarball in place of the registry. */
async function dependOn(tarball: string, project: string): Promise<void> {
  const file = join(project, 'package.json');
  const manifest: { dependencies: Record<string, string> } = JSON.parse(await readFile(file, 'utf8'));
  manifest.dependencies.posthorn = `file:${tarball}`;
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
}

interface Dev {
  readonly child: ChildProcess;
  /** Resolves when the output has it. */
  output(pattern: RegExp): Promise<RegExpExecArray>;
  /** What was written so far. */
  text(): string;
}

function startDev(project: string): Dev {
  const child = spawn('npm', ['start', '--', '--port', '0', '--no-samples'], { cwd: project, env: environment, detached: true });
  temporary.defer(() => {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  });
  let written = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      written += part;
      for (const look of waiting) look();
    });
  }
  return {
    child,
    text: () => stripVTControlCharacters(written),
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stripVTControlCharacters(written));
          if (found === null) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        child.once('exit', () => reject(new Error(`npm start ended before it wrote ${pattern}:\n${written}`)));
        look();
      }),
  };
}

describe('A team that begins with npm', () => {
  let project: string;

  beforeAll(async () => {
    project = await beginRepository();
    await run('npm', ['install', '--no-audit', '--no-fund'], project);
  }, 15 * MINUTES);

  test('npm test passes', { timeout: 10 * MINUTES }, async () => {
    const output = await run('npm', ['test'], project);

    expect(output).toMatch(/pass 3\b/);
    expect(output).toMatch(/fail 0\b/);
  });

  test('npm start -- --once runs the sample to the outcome that it declares', { timeout: 10 * MINUTES }, async () => {
    const output = await run('npm', ['start', '--', '--once', '--port', '0'], project);

    expect(output).toMatch(/greeting\s+greeting\s+processed/);
    expect(output).toContain('1 sample');
  });

  test('npx cdk synth writes a stack for the mesh and one for the agent, and no telemetry notice', { timeout: 10 * MINUTES }, async () => {
    const output = await run('npx', ['cdk', 'synth', '--quiet'], project);

    expect(globSync('cdk.out/*.template.json', { cwd: project }).sort()).toEqual([
      'cdk.out/posthorn-dev-agent-greeting.template.json',
      'cdk.out/posthorn-dev-state.template.json',
    ]);
    expect(output).not.toMatch(/telemetry/i);
  });

  test('an edit and a new agent are live while npm start is up, and their messages reach them', { timeout: 10 * MINUTES }, async () => {
    const dev = startDev(project);
    const [, endpoint = ''] = await dev.output(/(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ctrl-C/);
    const posthorn = (...args: string[]) => run('npx', ['posthorn', ...args, '--endpoint-url', endpoint], project);
    const send = async (agent: string, name: string) => {
      const file = join(project, 'message.json');
      await writeFile(file, JSON.stringify({ name }));
      await posthorn('send', file, '--agent', agent);
    };
    const agentFile = join(project, 'functions/agents/greeting/agent.ts');

    await send('greeting', 'Ada');
    await dev.output(/greeting\s+processed/);
    await writeFile(agentFile, (await readFile(agentFile, 'utf8')).replace('Hello, ', 'Good day, '));
    await dev.output(/updated\s+greeting/);
    await send('greeting', 'Grace');
    await dev.output(/(greeting\s+processed[\s\S]*){2}/);
    expect(await posthorn('replies', '--take', '--json')).toMatch(/Hello, Ada![\s\S]*Good day, Grace!|Good day, Grace![\s\S]*Hello, Ada!/);

    await run('npx', ['posthorn', 'add', 'agent', 'shipping'], project);
    await dev.output(/created\s+.*shipping/);
    await send('shipping', 'Alan');
    await dev.output(/shipping\s+processed/);

    if (dev.child.pid !== undefined) process.kill(-dev.child.pid, 'SIGINT');
    await new Promise((resolve) => dev.child.once('exit', resolve));
  });
});

describe('A team that begins with pnpm, which links only what a package declares', () => {
  const pnpm = (args: readonly string[], project: string) => run('npx', ['--yes', 'pnpm@10.34.9', ...args], project);
  let project: string;

  beforeAll(async () => {
    project = await beginRepository();
    await pnpm(['install'], project);
  }, 15 * MINUTES);

  test('pnpm test passes', { timeout: 10 * MINUTES }, async () => {
    const output = await pnpm(['test'], project);

    expect(output).toMatch(/pass 3\b/);
    expect(output).toMatch(/fail 0\b/);
  });

  test('pnpm start --once runs the sample to the outcome that it declares', { timeout: 10 * MINUTES }, async () => {
    expect(await pnpm(['start', '--once', '--port', '0'], project)).toMatch(/greeting\s+greeting\s+processed/);
  });

  test('pnpm exec cdk synth writes a stack for the mesh and one for the agent', { timeout: 10 * MINUTES }, async () => {
    const output = await pnpm(['exec', 'cdk', 'synth', '--quiet'], project);

    expect(globSync('cdk.out/*.template.json', { cwd: project })).toHaveLength(2);
    expect(output).not.toContain('WARNING');
  });
});
