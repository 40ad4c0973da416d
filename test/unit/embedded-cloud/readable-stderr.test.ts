import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readableStderr } from '../../../local/template/readable-stderr.ts';

const project = mkdtempSync(join(tmpdir(), 'posthorn-stderr-'));
afterAll(() => rmSync(project, { recursive: true }));

/** What Node writes of an app that imports this agent. */
function stderrOf(agent: string): string {
  writeFileSync(join(project, 'agent.ts'), agent);
  writeFileSync(join(project, 'app.ts'), "await import('./agent.ts');");
  return spawnSync(process.execPath, ['app.ts'], { cwd: project, encoding: 'utf8' }).stderr;
}

test.each([
  [
    'that does not parse',
    'const a = 1;\nconst half = ;\n',
    /^agent\.ts:2\n(.*\n)?const half = ;\n +\^\n+SyntaxError: Expression expected$/,
  ],
  ['that imports nothing', "import './nosuch.ts';", /^Error: Cannot find module 'nosuch\.ts' imported from agent\.ts$/],
  [
    'that imports a wrong name',
    "import { nosuch } from 'node:fs';\nnosuch();",
    /^agent\.ts:1\n.*\n +\^+\nSyntaxError: The requested module .* 'nosuch'$/,
  ],
  [
    'that throws',
    "throw new TypeError('no key', { cause: new Error('not set') });",
    /^agent\.ts:1\n.*\n +\^\n+TypeError: no key\n +at .*\(agent\.ts:1:7\)\nCause: Error: not set$/,
  ],
])('of an agent %s, the place and the error', (_what, agent, expected) => {
  const readable = readableStderr(stderrOf(agent), project);

  expect(readable).toMatch(expected);
  expect(readable).not.toMatch(/node:internal|Node\.js v|ERR_|file:/);
});

test("of sources that do not bundle, the bundler's errors", () => {
  const errors = '✘ [ERROR] Unexpected ";"\n\n    functions/agents/a/lambda.ts:5:23:\n      5 │ const x = ;\n        ╵           ^\n\n';
  const stderr = `Bundling asset a...\n${errors}node:internal/modules/run_main:107\n    trigger(\n    ^\n\n«FailedToBundleAsset» again\n\nNode.js v24.21.0\n`;

  expect(readableStderr(stderr, project)).toBe(errors.trim());
});

test('what an app says of itself is left as it is', () => {
  expect(readableStderr("stage 'x' is unknown\n", project)).toBe("stage 'x' is unknown");
});
