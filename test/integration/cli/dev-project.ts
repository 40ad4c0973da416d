import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod/mini';
import { MeshClient } from '../../../client/index.ts';
import { until } from '../../helpers/until.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Never ends: what comes before the synthesis comes, or never. */
export const NEVER_SYNTHESIZED = 'setInterval(() => {}, 1_000_000);';

/** The repository's own app has a policy for all of its agents, of which a project has one. */
const APP = `import { join } from 'node:path';
import { addMesh, discoverAgents, runApp } from './index.ts';

await runApp(async (app) => {
  addMesh(app, { agents: await discoverAgents(join(import.meta.dirname, '../functions/agents')) });
});
`;

const NOT_COPIED = /events\/samples|infra\/(app|policy|producers-stack)\.ts$/;

/** A project with the agent order-processing and these files, in a new folder, which is removed with `owner`. */
export async function devProject(owner: AsyncDisposableStack, files: Readonly<Record<string, string | object>> = {}): Promise<string> {
  const project = owner.adopt(await mkdtemp(join(tmpdir(), 'posthorn-dev-')), (folder) => rm(folder, { recursive: true }));
  const parts = [
    'cdk.json',
    'package.json',
    'tsconfig.json',
    'events',
    'client',
    'functions/runtime',
    'functions/services',
    'functions/agents/order-processing',
    'infra',
  ];
  for (const part of parts) await cp(join(ROOT, part), join(project, part), { recursive: true, filter: (path) => !NOT_COPIED.test(path) });
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  for (const [name, content] of Object.entries({ 'infra/app.ts': APP, ...files })) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return project;
}

/** A stored sample. */
export const stored = async (name: string) =>
  z.looseObject({}).parse(JSON.parse(await readFile(join(ROOT, 'events/samples', `${name}.json`), 'utf8')));

/** `posthorn dev` as a person runs it, but for the port; stdout and stderr are pipes. */
export interface DevRun {
  readonly child: ChildProcess;
  /** What it has written so far, without colours. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

export interface DevRunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called whenever it has written to stdout. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void;
  /** @default no limit */
  readonly largestFileKilobytes?: number;
}

export function startDev(
  owner: AsyncDisposableStack,
  project: string,
  args: readonly string[],
  { environment = {}, onOutput, largestFileKilobytes }: DevRunOptions = {},
): DevRun {
  const { PATH = '', HOME = '' } = process.env;
  const command = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'cli/bin.mjs'), 'dev', '--port', '0', ...args];
  const child = spawn('bash', ['-c', `ulimit -f ${largestFileKilobytes ?? 'unlimited'}; exec "$0" "$@"`, ...command], {
    cwd: project,
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
    onOutput?.(stripVTControlCharacters(stdout), child);
  });
  const ended = new Promise<number | null>((settle, fail) => child.once('error', fail).once('close', settle));
  owner.defer(async () => {
    child.kill();
    await ended;
  });
  return { child, stdout: () => stripVTControlCharacters(stdout), stderr: () => stripVTControlCharacters(stderr), ended };
}

/** Waits until the terminal shows something, behind `from` characters. @returns the first group, or the whole match */
export const shown = ({ stdout, stderr }: Pick<DevRun, 'stdout' | 'stderr'>, what: RegExp, from = 0): Promise<string> =>
  until(
    `the terminal shows ${what}`,
    () => {
      const match = what.exec(stdout().slice(from));
      return match !== null && (match[1] ?? match[0]);
    },
    { describe: () => stdout() + stderr() },
  );

/** A client of the mesh of `posthorn dev`. @param endpoint as the terminal shows it */
export const clientOf = (owner: AsyncDisposableStack, endpoint: string): MeshClient =>
  owner.use(new MeshClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }));

/** Reads replies until `owner` is disposed of. @returns their data so far, by correlation id */
export function collectReplies(owner: AsyncDisposableStack, mesh: MeshClient): ReadonlyMap<string, unknown> {
  const replies = new Map<string, unknown>();
  const stop = new AbortController();
  const reading = (async () => {
    for await (const { envelope } of mesh.replies({ signal: stop.signal })) replies.set(envelope?.correlationid ?? '', envelope?.data);
  })();
  owner.defer(async () => {
    stop.abort();
    await reading;
  });
  return replies;
}
