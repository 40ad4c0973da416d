import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const outdir = mkdtempSync(join(tmpdir(), 'posthorn-app-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Without network, credentials or Docker: nothing of them is in the environment, and there is no command to be found. */
const synthesize = (context: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, ['--conditions=posthorn-source', join(import.meta.dirname, '../../infra/app.ts')], {
    env: { PATH: '', HOME: outdir, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    encoding: 'utf8',
  });

test('a refused setting ends the synthesis with its message and no stack trace', () => {
  const { status, stderr } = synthesize({ stage: 'pr-142' });

  expect(status).toBe(1);
  expect(stderr.trim()).toBe("setting 'stage' is a string that is not valid: allowed is 1 to 12 lower-case letters and digits");
});

test('the agents of this repository are synthesized with nothing but Node', () => {
  const { status, stderr } = synthesize({});

  expect(status, stderr).toBe(0);
  for (const stack of ['state', 'agent-order-processing', 'agent-report-writing']) {
    expect(existsSync(join(outdir, `posthorn-dev-${stack}.template.json`))).toBe(true);
  }
  const bundles = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  expect(bundles.length).toBeGreaterThanOrEqual(4);
  for (const bundle of bundles) expect(existsSync(join(outdir, bundle, 'index.mjs'))).toBe(true);
});
