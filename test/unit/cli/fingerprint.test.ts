import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint } from '../../../cli/commands/dev/assembly/fingerprint.ts';
import { isUnrelated } from '../../../cli/commands/dev/project.ts';

const owner = new AsyncDisposableStack();
let directory: string;
let elsewhere: string;

beforeAll(async () => {
  const folder = owner.adopt(await mkdtemp(join(tmpdir(), 'fingerprint-')), (path) => rm(path, { recursive: true }));
  directory = join(folder, 'project');
  elsewhere = join(folder, 'shared.ts');
  for (const file of ['cdk.json', 'package-lock.json', 'functions/agents/a/agent.ts', 'node_modules/.package-lock.json']) await write(file);
  await writeFile(elsewhere, 'old');
  await mkdir(join(folder, 'linked'));
  await writeFile(join(folder, 'linked/agent.ts'), 'old');
  await symlink('../../../linked', join(directory, 'functions/agents/linked'));
});
afterAll(() => owner.disposeAsync());

async function write(file: string, text = 'old'): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
}

interface Given {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
}

const current = ({ context = {}, environment = {} }: Given = {}) => {
  const project = { directory, configuration: { app: 'node app.ts', output: 'out', context: {} }, samples: '', workFolder: '', cache: '' };
  return fingerprint({
    directory,
    isUnrelated: (path) => isUnrelated(project, path, join(directory, 'data')),
    filesElsewhere: [elsewhere],
    context,
    environment,
  });
};

test('is the same as long as nothing changes', async () => {
  expect(await current()).toBe(await current());
});

test.each([
  ['an agent', () => write('functions/agents/a/agent.ts', 'new')],
  ['an edit that keeps size and modification time', () => editUnseen('functions/agents/a/agent.ts')],
  ['cdk.json', () => write('cdk.json', 'new')],
  ['the lock file', () => write('package-lock.json', 'new')],
  ['the installed packages', () => write('node_modules/.package-lock.json', 'new')],
  ['a file that did not exist', () => write('functions/agents/b/agent.ts')],
  ['a file that is gone', () => rm(join(directory, 'functions/agents/b'), { recursive: true })],
  ['.env', () => write('.env', 'KEY=value')],
  ['a file that the app loads from elsewhere', () => writeFile(elsewhere, 'changed')],
  ['a file behind a link', () => write('functions/agents/linked/agent.ts', 'new')],
])('is another after %s', async (_what, change) => {
  const before = await current();

  await change();

  expect(await current()).not.toBe(before);
});

async function editUnseen(file: string): Promise<void> {
  const path = join(directory, file);
  await write(file, 'abc');
  await utimes(path, 1, 1);
  await write(file, 'abd');
  await utimes(path, 1, 1);
}

test.each([
  ['of the context', { context: { stage: 'prod' } }],
  ['of an environment variable', { environment: { PAYMENT_URL: 'http://127.0.0.1' } }],
])('is another after a change %s', async (_what, given) => {
  expect(await current(given)).not.toBe(await current());
});

test.each(['.posthorn/log', '.git/HEAD', 'out/manifest.json', 'node_modules/other/index.js', 'data/queues', 'debug.log', 'agent.ts~'])(
  'is the same after a change of %s, and of the terminal',
  async (file) => {
    const before = await current();

    await write(file, 'new');

    expect(await current({ environment: { SHLVL: '7', TERM: 'dumb' } })).toBe(before);
  },
);
