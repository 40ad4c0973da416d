import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The entry and what it imports. */
const FILES = ['worker-entry', 'collect-garbage', 'invoke-handler', 'log-lines'];

let made: URL | undefined;

/**
 * What a worker thread runs, as JavaScript. In the package that is a file beside this one. From source it is made once for all threads:
 * otherwise each loads a compiler of its own to strip the types, 16 of the 40 MB that a worker takes.
 */
export function workerEntryFile(): URL {
  if (extname(import.meta.url) === '.js') return new URL('./worker-entry.js', import.meta.url);
  made ??= makeEntry();
  return made;
}

function makeEntry(): URL {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-worker-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const name of FILES) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    writeFileSync(join(directory, `${name}.mjs`), withoutTypes(source).replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.mjs'"));
  }
  return pathToFileURL(join(directory, 'worker-entry.mjs'));
}

/** Node warns that its function is experimental; what it does when it runs a `.ts` file is not, and is the same. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
