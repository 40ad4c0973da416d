import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { functionEnvironment } from '../../bench/compare/contestant.ts';
import { agentEntry } from '../../infra/constructs/agent-entry.ts';
import { bundleFunction } from '../../infra/constructs/bundle-function.ts';

const repository = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'posthorn-entry-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes files by their path below a new folder. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const run = (code: string, options: { readonly cwd?: string } = {}): string => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    ...options,
    env: { ...functionEnvironment({ endpoint: 'http://127.0.0.1:1', token: 'token' }) },
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout.trim();
};

/** The bundled function's answer to an empty batch, from a separate process. */
const answerOf = (bundle: string): string =>
  run(`const { handler } = await import('${pathToFileURL(join(bundle, 'index.mjs'))}');
    console.log(JSON.stringify(await handler({ Records: [] }, { getRemainingTimeInMillis: () => 1_000 })));`);

const bundled = (agentFolder: string): string => {
  const folder = join(agentFolder, 'bundle');
  bundleFunction(agentEntry(agentFolder), folder);
  return folder;
};

describe('the function of an agent', () => {
  test('starts with its agent.ts, wrapped in the runtime', () => {
    const folder = join(scratch, 'fixture');
    bundleFunction(agentEntry(join(import.meta.dirname, 'fixtures/agents/answering')), folder);

    expect(answerOf(folder)).toBe('{"batchItemFailures":[]}');
  });

  test('starts with its own lambda.ts where it has one', () => {
    const folder = folderOf('own-entry', {
      'agent.ts': "export default { id: 'own' };",
      'lambda.ts': "import agent from './agent.ts'; export const handler = async (): Promise<string> => 'handler of ' + agent.id;",
    });

    expect(answerOf(bundled(folder))).toBe('"handler of own"');
  });

  test('is not built when its agent.ts does not build: the error has file and line', () => {
    const folder = folderOf('broken', { 'agent.ts': 'export default {\n  id: 3 +\n};' });

    expect(() => bundled(folder)).toThrow(/broken\/agent\.ts:3:0: ERROR/);
  });
});

const byName = "import { where } from 'posthorn'; export const handler = async (): Promise<string> => where;";

describe('an agent that imports the package by its name', () => {
  test('has its sources in the repository of the package itself', () => {
    const project = folderOf('self', {
      'package.json': JSON.stringify({
        name: 'posthorn',
        type: 'module',
        exports: { '.': { 'posthorn-source': './source.ts', default: './dist/source.js' } },
      }),
      'source.ts': "export const where: string = 'source';",
      'dist/source.js': "export const where = 'dist';",
      'agents/one/lambda.ts': byName,
    });

    expect(answerOf(bundled(join(project, 'agents/one')))).toBe('"source"');
  });

  test('has what is installed elsewhere', () => {
    const project = folderOf('team', {
      'package.json': JSON.stringify({ name: 'team', type: 'module' }),
      'node_modules/posthorn/package.json': JSON.stringify({ name: 'posthorn', type: 'module', exports: { '.': './dist/index.js' } }),
      'node_modules/posthorn/dist/index.js': "export const where = 'installed';",
      'agents/one/lambda.ts': byName,
    });

    expect(answerOf(bundled(join(project, 'agents/one')))).toBe('"installed"');
  });
});

describe('a bundle', () => {
  const parts = ['agent-entry', 'bundle-cache', 'bundle-function'];
  const sources = parts.map((part) => [part, readFileSync(join(repository, `infra/constructs/${part}.ts`), 'utf8')] as const);
  const runtime = "export const lambdaHandler = (agent) => async () => [agent.id, (await import('./late.js')).late];";
  const late = "export const late = 'loaded late';";

  /** A checkout of a team with the package in it, whose runtime is a few lines. @returns the bundle of its agent */
  function checkout(name: string, packageFiles: Readonly<Record<string, string>>, extension: string): string {
    const project = folderOf(name, {
      'package.json': '{"type":"module"}',
      'agents/one/agent.ts': "const id: string = 'one'; export default { id };",
      ...packageFiles,
    });
    symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'));
    run(
      `import { agentEntry } from './infra/constructs/agent-entry.${extension}';
      import { bundleFunction } from './infra/constructs/bundle-function.${extension}';
      bundleFunction(agentEntry(process.cwd() + '/agents/one'), process.cwd() + '/bundle');`,
      { cwd: project },
    );
    return join(project, 'bundle');
  }

  const fromSource = (name: string) =>
    checkout(
      name,
      {
        ...Object.fromEntries(sources.map(([part, text]) => [`infra/constructs/${part}.ts`, text])),
        'functions/runtime/aws/lambda-handler.ts': runtime,
        'functions/runtime/aws/late.js': late,
      },
      'ts',
    );

  test('has the same bytes wherever the checkout lies', () => {
    const one = fromSource('checkout');
    const other = fromSource('another/place/of/it');
    const files = readdirSync(one);

    expect(files).toHaveLength(4);
    expect(readdirSync(other)).toEqual(files);
    for (const file of files) expect(readFileSync(join(other, file), 'utf8'), file).toBe(readFileSync(join(one, file), 'utf8'));
    expect(answerOf(one)).toBe('["one","loaded late"]');
  });

  test('is made by the published package too, which is JavaScript', () => {
    const published = checkout(
      'published',
      {
        ...Object.fromEntries(
          sources.map(([part, text]) => [`infra/constructs/${part}.js`, stripTypeScriptTypes(text).replaceAll(".ts'", ".js'")]),
        ),
        'functions/runtime/aws/lambda-handler.js': runtime,
        'functions/runtime/aws/late.js': late,
      },
      'js',
    );

    expect(answerOf(published)).toBe('["one","loaded late"]');
  });
});
