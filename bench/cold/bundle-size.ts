import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Sizes of a bundle's code in KiB, without source maps. */
export interface BundleSize {
  /** The code read before the first message: the entry and its static imports. */
  readonly coldKib: number;
  /** All code, lazy imports included. */
  readonly totalKib: number;
}

const kib = (folder: string, files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) / 1_024;

/** @param folder a bundle from `bundleFunction` */
export function bundleSize(folder: string): BundleSize {
  const code = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return { coldKib: kib(folder, reachable(folder, 'index.mjs')), totalKib: kib(folder, code) };
}

/** @see https://esbuild.github.io/api/#splitting */
function reachable(folder: string, file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(join(folder, file), 'utf8');
  for (const [, imported = ''] of source.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) reachable(folder, imported, found);
  return found;
}
