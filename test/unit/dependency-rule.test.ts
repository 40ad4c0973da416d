import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';

const root = join(import.meta.dirname, '../..');

const forbidden = [
  ['events/a.ts', '../functions/runtime/ports.ts'],
  ['client/a.ts', '../functions/runtime/ports.ts'],
  ['functions/runtime/b.ts', '../../infra/app.ts'],
  ['functions/runtime/c.ts', 'aws-cdk-lib'],
  ['functions/runtime/d.ts', '@aws-sdk/client-sqs'],
  ['functions/runtime/e.ts', './aws/sqs-queue.ts'],
  ['functions/runtime/f.ts', '../agents/greeting/agent.ts'],
  ['functions/runtime/middleware/g.ts', '../aws/sqs-queue.ts'],
  ['functions/agents/greeting/h.ts', '../../../infra/app.ts'],
  ['functions/agents/greeting/i.ts', '../../../events/names.ts'],
  ['functions/agents/greeting/q.ts', '../../runtime/ports.ts'],
  ['functions/agents/greeting/v.ts', '../../runtime/index.ts'],
  ['functions/services/lookout/y.ts', '../../../infra/app.ts'],
  ['functions/services/lookout/z.ts', '../../agents/greeting/agent.ts'],
  ['local/j.ts', '../events/names.ts'],
  ['cli/k.ts', '../infra/app.ts'],
  ['cli/l.ts', '../test/until.ts'],
  ['testing/m.ts', '../infra/app.ts'],
] as const;

const allowed = [
  ['client/n.ts', '../events/names.ts'],
  ['functions/runtime/o.ts', '../../events/names.ts'],
  ['functions/runtime/aws/p.ts', '@aws-sdk/client-sqs'],
  ['functions/runtime/lambda.ts', './aws/sqs-queue.ts'],
  ['functions/agents/greeting/w.ts', 'posthorn'],
  ['functions/agents/greeting/x.ts', 'posthorn/lambda'],
  ['functions/services/lookout/a.ts', '../../runtime/ports.ts'],
  ['functions/services/lookout/b.ts', '../../../client/n.ts'],
  ['infra/r.ts', '../functions/runtime/ports.ts'],
  ['infra/s.ts', 'aws-cdk-lib'],
  ['cli/t.ts', '../client/n.ts'],
  ['cli/u.ts', 'node:fs/promises'],
] as const;

const targets = [
  'events/names.ts',
  'functions/runtime/index.ts',
  'functions/runtime/ports.ts',
  'functions/runtime/aws/sqs-queue.ts',
  'functions/agents/greeting/agent.ts',
  'infra/app.ts',
  'test/until.ts',
];

const reportSchema = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

let folder: string;
let violations: readonly { readonly from: string; readonly rule: string }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-dependency-rule-'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const file of targets) write(file, 'export type Named = string;\n');
  // A type is a dependency, too.
  for (const [file, specifier] of [...forbidden, ...allowed])
    write(file, `import type { Named } from '${specifier}';\nexport type Own = Named;\n`);
  write('events/one.ts', "import type { Two } from './two.ts';\nexport type One = Two;\n");
  write('events/two.ts', "import type { One } from './one.ts';\nexport type Two = One;\n");
  cpSync(join(root, '.dependency-cruiser.mjs'), join(folder, '.dependency-cruiser.mjs'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'json',
    ].concat(['events', 'client', 'functions', 'local', 'infra', 'cli', 'testing']),
    { cwd: folder, encoding: 'utf8' },
  );
  const { summary } = reportSchema.parse(JSON.parse(stdout));
  violations = summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

test.each(forbidden)('%s may not import %s', (file) => {
  expect(violations.map(({ from }) => from)).toContain(file);
});

test.each(allowed)('%s may import %s', (file) => {
  expect(violations.filter(({ from }) => from === file)).toEqual([]);
});

test('a cycle of types is a cycle', () => {
  expect(violations.filter(({ rule }) => rule === 'no-cycles').map(({ from }) => from)).toContain('events/one.ts');
});
