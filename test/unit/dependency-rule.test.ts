import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

const forbidden = [
  ['functions/runtime/handle.ts', '../../infra/names.ts'],
  ['functions/runtime/handle.ts', 'aws-cdk-lib'],
  ['functions/runtime/handle.ts', '@aws-sdk/client-sqs'],
  ['functions/runtime/handle.ts', './aws/sqs-queue.ts'],
  ['functions/runtime/handle.ts', '../agents/order-processing/agent.ts'],
  ['functions/runtime/middleware/open.ts', '../aws/sqs-queue.ts'],
  ['functions/runtime/aws/sqs-queue.ts', '../../agents/order-processing/agent.ts'],
  ['functions/agents/order-processing/agent.ts', '../../../infra/names.ts'],
  ['events/envelope.ts', '../functions/runtime/agent.ts'],
  ['cli/main.ts', '../test/helpers/until.ts'],
] as const;

const allowed = [
  ['functions/runtime/handle.ts', './errors.ts'],
  ['functions/runtime/aws/sqs-queue.ts', '@aws-sdk/client-sqs'],
  ['functions/agents/order-processing/agent.ts', '../../runtime/define-agent.ts'],
  ['infra/discover-agents.ts', '../functions/runtime/agent.ts'],
] as const;

let folder: string;
let complaints: readonly string[];

/** A tree in which every file has one import, in a folder named after its case: the rules go by the end of the path. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-dependency-rule-'));
  [...forbidden, ...allowed].forEach(([file, specifier], index) => {
    const project = join(folder, String(index));
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), `import '${specifier}';\n`);
    cpSync(join(root, 'biome.json'), join(project, 'biome.json'));
  });
  complaints = [...forbidden, ...allowed].map((_case, index) => {
    const { stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/biome'),
      ['lint', '--vcs-enabled=false', '--only=style/noRestrictedImports', '.'],
      { cwd: join(folder, String(index)), encoding: 'utf8' },
    );
    return stdout + stderr;
  });
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true }));

test.each(forbidden.map(([file, specifier], index) => [file, specifier, index] as const))(
  '%s may not import %s',
  (_file, _specifier, index) => {
    expect(complaints[index]).toContain('lint/style/noRestrictedImports');
  },
);

test.each(allowed.map(([file, specifier], index) => [file, specifier, forbidden.length + index] as const))(
  '%s may import %s',
  (_file, _specifier, index) => {
    expect(complaints[index]).toContain('Checked 2 files');
    expect(complaints[index]).not.toContain('lint/');
  },
);
