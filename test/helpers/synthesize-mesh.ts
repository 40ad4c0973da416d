import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import cdk from '../../cdk.json' with { type: 'json' };
import { until } from './until.ts';

const root = join(import.meta.dirname, '../..');

/** Emptied by `npm ci`. */
const CACHE = join(root, 'node_modules/.cache/posthorn-assemblies');

/** All that an assembly depends on. */
const SOURCES = [
  '{client,events,functions,infra}/**/*.ts',
  'test/integration/mesh/**/*.ts',
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

const DAY_MS = 86_400_000;

export interface SynthesizedMesh {
  /** Absolute path. */
  readonly agentsFolder: string;
  /** Whose agents are in the mesh, too. Absolute path. @default none */
  readonly moreAgentsFolder?: string;
  /** Values by variable name, for every agent that declares it. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /** Divides the visibility timeouts, six times the function's timeout in the mesh: a crash is then found out sooner. @default 1 */
  readonly visibilityDivisor?: number;
  /** With `jwt`, the test registers the issuers. @default 'iam' */
  readonly authentication?: 'iam' | 'jwt';
  /** With `jwt`, the test registers the issuers. @default 'iam' */
  readonly edgeAuthentication?: 'iam' | 'jwt';
  /** Where the agents export their spans. @default nowhere */
  readonly otlpEndpoint?: string;
  /** @default 1 */
  readonly traceSampling?: number;
}

/** What decides about the synthesis; the rest is written into its result. */
type Sources = Pick<SynthesizedMesh, 'agentsFolder' | 'moreAgentsFolder'> &
  Required<Pick<SynthesizedMesh, 'authentication' | 'edgeAuthentication' | 'traceSampling'>> & {
    readonly variables: readonly string[];
    readonly exportsSpans: boolean;
  };

/**
 * Synthesizes the mesh of all agents in a folder. The sources are synthesized and bundled once: processes that need the same assembly
 * wait for the first, and the next run finds it.
 *
 * @returns a new folder, which the caller removes
 */
export async function synthesizeMesh(mesh: SynthesizedMesh): Promise<string> {
  const { agentsFolder, moreAgentsFolder, variables = {}, visibilityDivisor = 1, traceSampling = 1, otlpEndpoint } = mesh;
  const { authentication = 'iam', edgeAuthentication = 'iam' } = mesh;
  const exportsSpans = otlpEndpoint !== undefined;
  const assembly = await cachedAssembly({
    ...{ agentsFolder, authentication, edgeAuthentication, traceSampling, exportsSpans, variables: Object.keys(variables) },
    ...(moreAgentsFolder !== undefined && { moreAgentsFolder }),
  });
  const copy = await mkdtemp(join(tmpdir(), 'posthorn-mesh-'));
  for (const entry of await readdir(assembly, { withFileTypes: true })) {
    const [from, to] = [join(assembly, entry.name), join(copy, entry.name)];
    if (entry.isDirectory()) await symlink(from, to);
    else {
      const text = (await readFile(from, 'utf8')).replaceAll(OTLP_PLACEHOLDER, otlpEndpoint ?? '');
      await writeFile(to, withVisibility(withValues(text, variables), visibilityDivisor));
    }
  }
  return copy;
}

const placeholder = (variable: string): string => `http://${variable.toLowerCase()}.placeholder:9`;

/** An endpoint may be http on this machine only. */
const OTLP_PLACEHOLDER = 'http://localhost:9/otlp-placeholder';

const withValues = (text: string, variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables).reduce((replaced, [name, value]) => replaced.replaceAll(placeholder(name), value), text);

const withVisibility = (text: string, divisor: number): string =>
  text.replaceAll(/(?<="VisibilityTimeout": )\d+/g, (seconds) => String(Number(seconds) / divisor));

async function cachedAssembly(sources: Sources): Promise<string> {
  const key = hash('sha256', JSON.stringify([sources, process.version, await contentOfSources()])).slice(0, 24);
  const folder = join(CACHE, `${basename(sources.agentsFolder)}-${key}`);
  const claim = `${folder}.claim`;
  await mkdir(CACHE, { recursive: true });
  await until(`the assembly ${folder}`, async () => existsSync(folder) || (await claimed(claim)));
  if (existsSync(folder)) return folder;
  try {
    await removeOld();
    const outdir = await mkdtemp(join(CACHE, 'new-'));
    await synthesize(sources, outdir);
    await rename(outdir, folder);
  } finally {
    await rm(claim, { force: true });
  }
  return folder;
}

/** Whether this process is the one to synthesize. A claim whose process has ended is void. */
async function claimed(claim: string): Promise<boolean> {
  try {
    await writeFile(claim, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  const pid = Number(await readFile(claim, 'utf8').catch(() => ''));
  if (pid > 0 && !isRunning(pid)) await rm(claim, { force: true });
  return false;
}

async function synthesize(
  { agentsFolder, moreAgentsFolder, variables, authentication, edgeAuthentication, traceSampling, exportsSpans }: Sources,
  outdir: string,
): Promise<void> {
  // Loading the CDK takes seconds: only where it is needed.
  const [{ App }, { addMesh, discoverAgents }] = await Promise.all([import('aws-cdk-lib'), import('../../infra/index.ts')]);
  const agents = [
    ...(await discoverAgents(agentsFolder)),
    ...(moreAgentsFolder === undefined ? [] : await discoverAgents(moreAgentsFolder)),
  ];
  const environmentOf = (declared: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(variables.filter((name) => name in declared).map((name) => [name, placeholder(name)]));
  const agentEnvironment = Object.fromEntries(agents.map(({ definition: { id, environment } }) => [id, environmentOf(environment)]));
  const tracing = { traceSampling, ...(exportsSpans && { otlpEndpoint: OTLP_PLACEHOLDER }) };
  const trust = { authentication, edgeAuthentication, issuersElsewhere: true };
  const app = new App({ outdir, context: { ...cdk.context, ...tracing, agentEnvironment, ...trust } });
  addMesh(app, { agents });
  app.synth();
}

async function contentOfSources(): Promise<readonly string[]> {
  const files = (await Array.fromAsync(glob(SOURCES, { cwd: root }))).sort();
  return Promise.all(files.map(async (file) => `${file} ${hash('sha256', await readFile(join(root, file)))}`));
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - (await stat(path)).mtimeMs > DAY_MS) await rm(path, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    throw error;
  }
}

const isErrno = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
