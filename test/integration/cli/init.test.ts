import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Policy } from '../../../infra/index.ts';
import { posthorn } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');

const temporary = new AsyncDisposableStack();
afterAll(() => temporary.disposeAsync());

const emptyFolder = async () =>
  temporary.adopt(await mkdtemp(join(tmpdir(), 'posthorn-init-')), (folder) => rm(folder, { recursive: true }));

const filesIn = (folder: string) => globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());

test('init writes a repository with one agent, says what to do next, and names the package after the folder', async () => {
  const parent = await emptyFolder();

  const { code, stdout, stderr } = await posthorn(['init', 'My Mesh', '--agent', 'billing'], { cwd: parent });

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/\n {2}cd My Mesh\n {2}npm install\n {2}npm start\n/);
  const project = join(parent, 'My Mesh');
  expect(JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))).toMatchObject({
    name: 'my-mesh',
    type: 'module',
    private: true,
  });
  expect(JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8'))).toMatchObject({ app: 'node infra/app.ts' });
  expect((await readFile(join(project, 'infra/app.ts'), 'utf8')).trim().split('\n').length).toBeLessThanOrEqual(20);
  expect(await readFile(join(project, 'functions/agents/billing/agent.ts'), 'utf8')).toContain("id: 'billing'");
  for (const file of ['functions/agents/billing/agent.test.ts', 'events/samples/billing.json', 'tsconfig.json', 'README.md', '.gitignore'])
    expect(await readFile(join(project, file), 'utf8')).not.toContain('undefined');
});

test("README's policy admits a producer to the agent", async () => {
  const folder = await emptyFolder();
  await posthorn(['init', '--agent', 'order-billing'], { cwd: folder });
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const [, indented = ''] = /^ {3}```ts\n([\s\S]*?)^ {3}```$/m.exec(readme) ?? [];
  const local = (text: string) =>
    Object.entries({
      posthorn: 'functions/runtime/index.ts',
      'posthorn/cdk': 'infra/index.ts',
      'zod/mini': 'node_modules/zod/mini/index.js',
    })
      .map(([name, path]) => [`'${name}'`, `'${pathToFileURL(join(ROOT, path)).href}'`] as const)
      .reduce((replaced, [name, path]) => replaced.replaceAll(name, path), text);
  const agentFile = join(folder, 'functions/agents/order-billing/agent.ts');
  await writeFile(agentFile, local(await readFile(agentFile, 'utf8')));
  await writeFile(join(folder, 'infra/policy.ts'), local(indented.replaceAll(/^ {3}/gm, '')));

  const { policy }: { policy: Policy } = await import(pathToFileURL(join(folder, 'infra/policy.ts')).href);

  expect(policy.roles).toEqual([{ id: 'customer', permissions: { 'order-billing': ['handle'] }, members: [{ producer: 'shop' }] }]);
  expect(policy.producers).toMatchObject([{ id: 'shop' }]);
  expect(readme.split('\n').filter((line) => line.length > 120)).toEqual([]);
});

test('init overwrites no file: where one exists, it names it and writes nothing', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'README.md'), 'mine');
  await mkdir(join(folder, 'infra'));
  await writeFile(join(folder, 'infra/app.ts'), 'mine too');

  const { code, stderr } = await posthorn(['init'], { cwd: folder });

  expect(code).toBe(1);
  expect(stderr).toContain('infra/app.ts, README.md exist already');
  expect(filesIn(folder)).toHaveLength(2);
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('mine');
});

test.each(['Greeting', 'a', '9lives', 'with space', '../up'])('init refuses the agent id %j by its form', async (id) => {
  const folder = await emptyFolder();

  const { code, stderr } = await posthorn(['init', '--agent', id], { cwd: folder });

  expect(code).toBe(1);
  expect(stderr).toContain('must be 2 to 48 lower-case letters, digits and hyphens');
  expect(filesIn(folder)).toHaveLength(0);
});

test('init into a folder that cannot be written to is refused in a sentence', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'file'), '');

  const { code, stderr } = await posthorn(['init', 'file'], { cwd: folder });

  expect(code).toBe(1);
  expect(stderr).toMatch(/^posthorn: \S+package\.json cannot be written \((EEXIST|ENOTDIR)\)\nChoose another folder/);
});

test('add agent writes another one, once', async () => {
  const folder = await emptyFolder();
  await posthorn(['init'], { cwd: folder });

  const first = await posthorn(['add', 'agent', 'shipping'], { cwd: folder });
  const second = await posthorn(['add', 'agent', 'shipping'], { cwd: folder });

  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('functions/agents/shipping/agent.ts') });
  expect(first.stdout).toContain("sendsTo: ['shipping']");
  expect(await readFile(join(folder, 'functions/agents/shipping/agent.ts'), 'utf8')).toContain("id: 'shipping'");
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('functions/agents/shipping/agent.ts') });
});

test('add agent outside a CDK app says so', async () => {
  const { code, stderr } = await posthorn(['add', 'agent', 'shipping'], { cwd: await emptyFolder() });

  expect(code).toBe(1);
  expect(stderr).toMatch(/has no cdk\.json.*\n.*npx posthorn init/);
});
