import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'node_modules/.bin');

const PARTS = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'events', 'functions', 'infra', 'client'];

/** Copies this project into a folder of its own, without what it has generated. The folder is removed with the result. */
export async function copyProject(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-start-'));
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** The arguments of Node for `posthorn dev`. */
export const devArguments = (...options: readonly string[]): readonly string[] => [
  join(ROOT, 'cli/bin.mjs'),
  ...['dev', '--port', '0', '--no-samples'],
  ...options,
];

/** After how many seconds the terminal said that the mesh is ready. */
export function readySeconds(output: string): number {
  const seconds = /ready in ([\d.]+) s/.exec(output)?.[1];
  if (seconds === undefined) throw new Error(`the mesh was not ready: ${output}`);
  return Number(seconds);
}
