import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NoCdkAppError, SynthesisError } from '../../../local/errors.ts';
import { Synthesizer } from '../../../local/template/synthesize.ts';

const temporary = new AsyncDisposableStack();
afterAll(() => temporary.disposeAsync());

async function project(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly directory: string; readonly synthesizer: Synthesizer }> {
  const directory = temporary.adopt(await mkdtemp(join(tmpdir(), 'synthesize-')), (folder) => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const synthesizer = temporary.adopt(new Synthesizer(directory, join(directory, 'cache')), (each) => each.dispose());
  return { directory, synthesizer };
}

/** Writes what it was given to a file in its assembly. */
const APP = `import { mkdirSync, writeFileSync } from 'node:fs';
  const { CDK_OUTDIR, CDK_CONTEXT_JSON } = process.env;
  mkdirSync(CDK_OUTDIR); writeFileSync(CDK_OUTDIR + '/given.json', JSON.stringify({ context: JSON.parse(CDK_CONTEXT_JSON), version: process.version, arguments: process.argv.slice(2) }));`;

const given = async (directory: string): Promise<unknown> => JSON.parse(await readFile(join(directory, 'given.json'), 'utf8'));

test.each([
  ['plain node, which can wait,', 'node app.mjs --flag'],
  ['a command line for the shell', 'FLAG=--flag; node app.mjs "$FLAG"'],
])('%s runs on this Node with output directory and context as from the CDK CLI', async (_what, app) => {
  const { directory, synthesizer } = await project({
    'app.mjs': APP,
    'cdk.json': JSON.stringify({ app, context: { flag: true, size: 1 } }),
    'cdk.context.json': JSON.stringify({ 'availability-zones': ['a'] }),
  });
  const outputs = [join(directory, 'one'), join(directory, 'two')] as const;

  await synthesizer.synthesize({ context: { size: 2 }, outputDirectory: outputs[0] });
  await synthesizer.prepare();
  await synthesizer.synthesize({ context: { size: 3 }, outputDirectory: outputs[1] });

  const context = { flag: true, 'availability-zones': ['a'] };
  const expected = { version: process.version, arguments: ['--flag'] };
  expect(await given(outputs[0])).toEqual({ ...expected, context: { ...context, size: 2 } });
  expect(await given(outputs[1])).toEqual({ ...expected, context: { ...context, size: 3 } });
});

test('a process that waits has loaded packages, and none of the files that are edited', async () => {
  const name = 'node_modules/counted/index.js';
  const { directory, synthesizer } = await project({
    'app.mjs': `import 'counted'; import { edited } from './edited.mjs'; import { writeFileSync } from 'node:fs'; writeFileSync('said', edited + globalThis.loadedBeforeMs);`,
    'edited.mjs': `export const edited = 'old ';`,
    [name]: 'globalThis.loadedBeforeMs = process.env.CDK_OUTDIR === undefined ? "waiting" : "running";',
    'cdk.json': JSON.stringify({ app: 'node app.mjs' }),
  });
  await synthesizer.synthesize({ outputDirectory: join(directory, 'one') });
  const first = await readFile(join(directory, 'said'), 'utf8');

  await synthesizer.prepare();
  await writeFile(join(directory, 'edited.mjs'), `export const edited = 'new ';`);
  await synthesizer.synthesize({ outputDirectory: join(directory, 'two') });

  expect([first, await readFile(join(directory, 'said'), 'utf8')]).toEqual(['old running', 'new waiting']);
});

test('a failed synthesis is an error with what the app wrote', async () => {
  const { directory, synthesizer } = await project({
    'app.mjs': `throw new Error('stage "x" is unknown')`,
    'cdk.json': '{"app":"node app.mjs"}',
  });

  const synthesis = synthesizer.synthesize({ outputDirectory: join(directory, 'out') });

  await expect(synthesis).rejects.toThrow(SynthesisError);
  await expect(synthesis).rejects.toThrow(/node app\.mjs ended with 1:[\s\S]*stage "x" is unknown/);
});

test.each([
  ['node app.mjs', 'plain'],
  ['node app.mjs; true', 'in a shell'],
])('%s (%s) ends when the signal aborts', async (app) => {
  const { directory, synthesizer } = await project({ 'app.mjs': 'setInterval(() => {}, 1_000_000);', 'cdk.json': JSON.stringify({ app }) });

  const synthesis = synthesizer.synthesize({ outputDirectory: join(directory, 'out'), signal: AbortSignal.timeout(300) });

  await expect(synthesis).rejects.toThrow('aborted due to timeout');
});

test.each([
  ['without cdk.json', {}, NoCdkAppError, /cdk\.json does not exist/],
  ['without an app', { 'cdk.json': '{}' }, NoCdkAppError, /cdk\.json names no 'app'/],
  ['whose cdk.json is not JSON', { 'cdk.json': '{app' }, SynthesisError, /cdk\.json is not a CDK configuration/],
] as const)('a folder %s is refused by name', async (_what, files, kind, message) => {
  const { directory, synthesizer } = await project(files);

  const synthesis = synthesizer.synthesize({ outputDirectory: join(directory, 'out') });

  await expect(synthesis).rejects.toThrow(kind);
  await expect(synthesis).rejects.toThrow(message);
});
