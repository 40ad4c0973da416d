import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PublicSurface, readPublicSurface } from '../../../tools/api/public-surface.ts';
import { renderApi } from '../../../tools/api/render-api.ts';
import { readSnippets } from '../../helpers/doc-snippets.ts';
import { type PackedPackage, packPackage } from '../../helpers/packed-package.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const bin = (name: string) => join(root, 'node_modules/.bin', name);

/** A process that may fail: its exit code is looked at, and not its exception. */
const attempt = async (file: string, args: readonly string[], cwd: string) => {
  try {
    const { stdout, stderr } = await run(process.execPath, [file, ...args], { cwd, maxBuffer: 64 * 1_048_576 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'code' in error)) throw error;
    return { code: error.code, output: `${error.stdout}${'stderr' in error ? error.stderr : ''}` };
  }
};

let packed: PackedPackage;
let surface: PublicSurface;

beforeAll(async () => {
  packed = await packPackage();
  surface = readPublicSurface(join(packed.project, 'node_modules/posthorn'));
});
afterAll(() => packed[Symbol.asyncDispose]());

describe('The tarball', () => {
  test('has JavaScript with its source maps and declarations, the schema, the documents and nothing else', () => {
    const code = /^dist\/(events|client|functions\/(runtime|services)|infra|local|testing|cli)\/.*\.(js|js\.map|d\.ts)$/;
    const rest =
      /^(cli\/bin\.mjs|events\/envelope\.schema\.json|functions\/services\/operations\/openapi\.json|docs\/.*\.md|docs\/monitoring\/.*\.(yml|json)|docs\/backpressure\/.*\.(svg|py)|(README|CHANGELOG)\.md|LICENSE|package\.json)$/;

    expect(packed.files.filter((file) => ![code, rest].some((form) => form.test(file)))).toEqual([]);
    expect(packed.files).toContain('dist/cli/main.js');
    // It is run and never imported.
    expect(packed.files).toContain('dist/infra/state-app.js');
  });

  test('has every file that one of its files imports', () => {
    const absWorkingDir = join(packed.project, 'node_modules/posthorn');
    const entryPoints = packed.files.filter((file) => file.endsWith('.js'));
    const build = () =>
      buildSync({
        absWorkingDir,
        entryPoints,
        bundle: true,
        packages: 'external',
        format: 'esm',
        platform: 'node',
        write: false,
        outdir: 'x',
      });

    expect(build).not.toThrow();
  });

  test('shows the sources in stack traces', async () => {
    const file = 'dist/functions/runtime/agent/define-agent.js.map';
    const { sources, sourcesContent } = JSON.parse(await readFile(join(packed.project, 'node_modules/posthorn', file), 'utf8'));

    expect(sources).toEqual(['../../../../functions/runtime/agent/define-agent.ts']);
    expect(sourcesContent).toEqual([await readFile(join(root, 'functions/runtime/agent/define-agent.ts'), 'utf8')]);
  });

  test('depends on nothing that only the sample agents use', () => {
    const imported = (pattern: string) =>
      new Set(
        globSync(pattern, { cwd: root }).flatMap((file) =>
          [...readFileSync(join(root, file), 'utf8').matchAll(/from '((?:@[^/']+\/)?[^./'][^/']*)/g)].map(([, name = '']) => name),
        ),
      );
    const ofProduct = imported('{events,client,functions/runtime,functions/services,infra,local,testing,cli}/**/*.ts');
    const ofSamples = [...imported('functions/agents/**/*.ts')].filter((name) => !ofProduct.has(name));

    expect(ofSamples).toContain('unpdf');
    expect(Object.keys(packed.manifest.dependencies).filter((name) => ofSamples.includes(name))).toEqual([]);
  });

  test('satisfies publint', async () => {
    const { messages } = await publint({ pkgDir: join(packed.project, 'node_modules/posthorn'), pack: false, strict: true });

    expect(messages).toEqual([]);
  });

  test('has types that TypeScript resolves as Node resolves the code', async () => {
    const { code, output } = await attempt(bin('attw'), [packed.tarball, '--profile', 'esm-only', '--no-color'], packed.project);

    expect([code, output]).toEqual([0, expect.stringContaining('"posthorn/lambda"')]);
  });
});

describe('The public surface', () => {
  test('is complete: each symbol has its doc comment, each function an example, each type that is mentioned is exported', () => {
    expect(surface.problems).toEqual([]);
  });

  test("is the one in docs/api, or 'npm run api' updates it for the review", async () => {
    const pages = renderApi(surface.entryPoints);
    const kept = globSync('docs/api/*', { cwd: root }).map((file) => file.slice('docs/api/'.length));

    expect(kept.sort()).toEqual([...pages.keys()].sort());
    for (const [file, page] of pages) expect(page, `run 'npm run api'`).toBe(await readFile(join(root, 'docs/api', file), 'utf8'));
  });

  test('imports in a project without the CDK, but for posthorn/cdk', async () => {
    const script = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(specifier, context, next) {
        if (/^(aws-cdk-lib|constructs)/.test(specifier)) throw new Error(specifier + ' is imported by ' + context.parentURL);
        return next(specifier, context);
      } });
      for (const name of process.argv.slice(2)) console.log(name, Object.keys(await import(name)).length > 0);`;
    await writeFile(join(packed.project, 'import-all.mjs'), script);
    const names = surface.entryPoints.map(({ specifier }) => specifier).filter((name) => name !== 'posthorn/cdk');

    const { code, output } = await attempt('import-all.mjs', names, packed.project);

    expect([code, output]).toEqual([0, names.map((name) => `${name} true\n`).join('')]);
  });

  test('imports with the CDK', async () => {
    const { code, output } = await attempt(
      '--input-type=module',
      ['--eval', `const cdk = await import('posthorn/cdk'); console.log(typeof cdk.addMesh);`],
      packed.project,
    );

    expect([code, output]).toEqual([0, 'function\n']);
  });

  test('starts the command', async () => {
    const { code, output } = await attempt('node_modules/posthorn/cli/bin.mjs', ['--help'], packed.project);

    expect([code, output]).toEqual([0, expect.stringContaining('Usage: posthorn')]);
  });

  test('has a command that an old Node cannot run, and that says what to do', async () => {
    const asNode20 = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;

    const { code, output } = await attempt('--import', [asNode20, 'node_modules/posthorn/cli/bin.mjs', '--help'], packed.project);

    expect([code, output]).toEqual([1, expect.stringContaining('this is Node 20.20.2; posthorn needs Node 22.15 or later')]);
    expect(output).toContain('npm install --save-dev node@24');
  });
});

describe('The code in the documents', () => {
  test('compiles against the package', async () => {
    const snippets = readSnippets();
    const folder = join(packed.project, 'snippets');
    const code = snippets.filter(({ kind }) => kind === 'code');
    const agent = code.find(({ file }) => file === 'README.md/agent.ts');
    const folders = new Set(code.map(({ file }) => dirname(file)));
    // README's agent is beside each example, and where an app finds it.
    for (const file of [...folders].flatMap((document) => [join(document, 'agent.ts'), join(document, '../agents/greeting/agent.ts')])) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), agent?.text ?? '');
    }
    for (const { file, text } of code) await writeFile(join(folder, file), text);
    await cp(join(import.meta.dirname, 'snippets.tsconfig.json'), join(folder, 'tsconfig.json'));
    await writeFile(join(packed.project, 'package.json'), '{"type":"module"}');

    const { code: exitCode, output } = await attempt(bin('tsc'), ['-p', 'snippets', '--pretty', 'false'], packed.project);

    expect(output).toBe('');
    expect(exitCode).toBe(0);
    expect(code.length).toBeGreaterThan(20);
    expect(snippets.filter(({ kind }) => kind === 'fragment').length).toBeLessThanOrEqual(2);
    expect(new Set(code.map(({ file }) => file)).size, 'two blocks of one document have one name').toBe(code.length);
  });
});
