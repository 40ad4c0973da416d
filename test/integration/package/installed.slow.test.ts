import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readPublicSurface } from '../../../tools/api/public-surface.ts';
import { importSize } from '../../helpers/import-size.ts';
import { type PackedPackage, packPackage } from '../../helpers/packed-package.ts';
import limits from './import-limits.json' with { type: 'json' };

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

let packed: PackedPackage;
let project: string;
let specifiers: readonly string[];

beforeAll(async () => {
  packed = await packPackage();
  specifiers = readPublicSurface(join(packed.project, 'node_modules/posthorn')).entryPoints.map(({ specifier }) => specifier);
  project = await mkdtemp(join(tmpdir(), 'posthorn-installed-'));
  await writeFile(join(project, 'package.json'), '{ "name": "producer", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', packed.tarball], { cwd: project });
});
afterAll(async () => {
  await rm(project, { recursive: true });
  await packed[Symbol.asyncDispose]();
});

const bytesIn = async (folder: string): Promise<number> => {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

test('a producer that installs it gets neither the CDK nor TypeScript nor a parser of documents', async () => {
  const modules = join(project, 'node_modules');
  const { packages } = z
    .object({ packages: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')));

  console.log(`installed: ${Object.keys(packages).length - 1} packages, ${megabytes(await bytesIn(modules))}`);
  for (const name of ['aws-cdk-lib', 'constructs', 'typescript', 'unpdf', 'vitest', 'node'])
    expect(existsSync(join(modules, name)), name).toBe(false);
  expect(existsSync(join(modules, 'zod'))).toBe(true);
});

test('every subpath imports there, and posthorn/cdk once the project has the CDK', async () => {
  const load = (name: string) => run(process.execPath, ['--input-type=module', '--eval', `await import('${name}')`], { cwd: project });

  for (const name of specifiers.filter((specifier) => specifier !== 'posthorn/cdk')) await load(name);
  await expect(load('posthorn/cdk')).rejects.toThrow("Cannot find package 'aws-cdk-lib'");
});

test('its command starts there', async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));

  const { stdout } = await run('npx', ['posthorn', '--version'], { cwd: project });

  expect(stdout).toBe(`${version}\n`);
});

test.each(['nodenext', 'bundler'])('its declarations have no errors of their own under moduleResolution %s', async (moduleResolution) => {
  const folder = join(packed.project, moduleResolution);
  const compilerOptions = {
    module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution,
    strict: true,
    noEmit: true,
    types: ['node'],
  };
  await run('mkdir', [folder]);
  await writeFile(join(folder, 'index.ts'), specifiers.map((name) => `export * from '${name}';\n`).join(''));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['index.ts'] }));

  const { stdout } = await run(process.execPath, [join(root, 'node_modules/.bin/tsc'), '-p', folder], { cwd: packed.project });

  expect(stdout).toBe('');
});

test('an import of each subpath is no larger than its limit', () => {
  const sizes = specifiers.map((specifier) => importSize(packed.project, specifier));
  const limitOf = new Map(Object.entries(limits));

  console.table(sizes.map((size) => ({ ...size, limit: limitOf.get(size.specifier) })));
  expect([...limitOf.keys()].sort()).toEqual([...specifiers].sort());
  expect(sizes.filter(({ specifier, bytes }) => bytes > (limitOf.get(specifier) ?? 0))).toEqual([]);
});
