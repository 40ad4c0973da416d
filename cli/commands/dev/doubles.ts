import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import type { LocalDouble, StartLocal } from '../../../functions/runtime/agent/define-local.ts';
import { CliError } from '../../cli-error.ts';
import { AGENTS_FOLDER } from './project.ts';

/** Counts of effects outside the mesh, by name, summed over the doubles. */
export type Facts = (messageIds: ReadonlySet<string>) => Readonly<Record<string, number>>;

/** The doubles of a project, and the variables that they set. */
export interface Doubles extends AsyncDisposable {
  /** By agent id: values of its variables. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly facts: Facts;
}

const moduleSchema = z.object({ default: z.custom<StartLocal>((value) => typeof value === 'function') });

/** Ports below the range from which operating systems assign free ports. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/**
 * Starts the `local.ts` of each agent that has one.
 *
 * @throws CliError naming the file that has no start function, or whose start failed
 */
export async function startDoubles(projectDirectory: string): Promise<Doubles> {
  const started = new Map<string, LocalDouble>();
  const resources = new AsyncDisposableStack();
  try {
    for (const [agent, file] of await localFiles(projectDirectory)) {
      const double = await startDouble(file, projectDirectory);
      started.set(agent, double);
      resources.defer(async () => double[Symbol.asyncDispose]?.());
    }
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
  return {
    environment: Object.fromEntries([...started].map(([agent, { environment = {} }]) => [agent, environment])),
    facts: (messageIds) => sumByName([...started.values()].map((double) => double.facts?.(messageIds) ?? {})),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function localFiles(projectDirectory: string): Promise<readonly (readonly [agent: string, file: string])[]> {
  const folder = join(projectDirectory, AGENTS_FOLDER);
  const found: [string, string][] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(nothingIfMissing)) {
    if (!entry.isDirectory()) continue;
    const files = await readdir(join(folder, entry.name));
    if (files.includes('local.ts')) found.push([entry.name, join(folder, entry.name, 'local.ts')]);
  }
  return found;
}

function nothingIfMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

async function startDouble(file: string, projectDirectory: string): Promise<LocalDouble> {
  const name = relative(projectDirectory, file);
  try {
    const module = moduleSchema.safeParse(await import(pathToFileURL(file).href));
    if (!module.success)
      throw new CliError(`${name} has no start function`, { remedy: 'Write: export default defineLocal(async ({ port }) => ...)' });
    return await module.data.default({ port: await portFor(file) });
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${name} could not be started: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The port is derived from the file's path; if it is taken, any free port. */
async function portFor(file: string): Promise<number> {
  const preferred = FIRST_PORT + (createHash('sha256').update(file).digest().readUInt32BE() % PORTS);
  return (await listenOnce(preferred)) ?? (await listenOnce(0)) ?? 0;
}

/** @returns the port if it is free; otherwise `undefined` */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function sumByName(counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
