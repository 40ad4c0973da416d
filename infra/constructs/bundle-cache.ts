import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

/** The files that a bundling has written, by name, and the absolute paths of those that it has read. */
export interface Bundled {
  readonly files: readonly { readonly name: string; readonly contents: Uint8Array }[];
  readonly inputs: readonly string[];
}

const INPUTS_FILE = 'inputs.json';

/** File systems take timestamps from a clock with steps of up to 10 ms. */
const TICK_MS = 20;

const inputsSchema = z.record(z.string(), z.string());

/**
 * Writes a bundle into `outputFolder`: the cached one if its inputs, the files that could replace them in module resolution, and the
 * `watched` files have not changed; otherwise a new one.
 *
 * @param cacheFolder may be deleted at any time
 * @param key identifies the function and the bundler's options
 * @param watched absolute paths of further files, which need not exist
 */
export function writeCachedBundle(
  { cacheFolder, key, watched }: { readonly cacheFolder: string; readonly key: string; readonly watched: readonly string[] },
  outputFolder: string,
  bundle: () => Bundled,
): void {
  const entryFolder = join(cacheFolder, createHash('sha256').update(key).digest('hex').slice(0, 32));
  if (isFresh(entryFolder)) {
    cpSync(entryFolder, outputFolder, { recursive: true, filter: (path) => !path.endsWith(INPUTS_FILE) });
    return;
  }

  const begunMs = Date.now() - TICK_MS;
  const { files, inputs } = bundle();
  const folders = inputs.filter((path) => !path.includes('node_modules')).map((path) => dirname(path));
  const states = Object.fromEntries([...new Set([...inputs, ...folders, ...watched])].map((path) => [path, stateOf(path)]));
  writeBundle({ files }, outputFolder);
  // A file saved meanwhile may or may not be in the bundle.
  if (Object.values(states).some((state) => Number(state.split(' ')[1] ?? 0) >= begunMs)) return;
  const temporary = `${entryFolder}.${process.pid}`;
  writeBundle({ files: [...files, { name: INPUTS_FILE, contents: Buffer.from(JSON.stringify(states)) }] }, temporary);
  rmSync(entryFolder, { recursive: true, force: true });
  renameSync(temporary, entryFolder);
}

export function writeBundle({ files }: Pick<Bundled, 'files'>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
}

function isFresh(entryFolder: string): boolean {
  let states: Readonly<Record<string, string>>;
  try {
    states = z.parse(inputsSchema, JSON.parse(readFileSync(join(entryFolder, INPUTS_FILE), 'utf8')));
  } catch {
    // No cached bundle exists, or another process is writing it.
    return false;
  }
  return Object.entries(states).every(([path, state]) => stateOf(path) === state);
}

/** Uses `ctime`, because tools can set a file's modification time but not its `ctime`. */
function stateOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 'missing' : `${stats.isDirectory() ? '' : stats.size} ${stats.ctimeMs}`;
}
