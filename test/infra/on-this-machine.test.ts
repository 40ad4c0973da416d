import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addMesh } from '../../infra/index.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { planDeployment } from '../../local/template/deployment.ts';
import { fixtureAgents, testApp } from './fixture-mesh.ts';

test('what only CloudWatch has is listed as ignored on this machine, and the rest is deployed', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'posthorn-ignored-'));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  const app = testApp(outdir, { '@aws-cdk/core:annotationsInValidationReport': false });
  addMesh(app, { agents: fixtureAgents });
  app.synth();

  const place = { region: 'us-east-1', accountId: '000000000000', endpoint: 'http://127.0.0.1:4566' };
  const { ignored, mappings, rules } = planDeployment(await readAssembly(outdir), place);

  expect(ignored).toEqual(
    expect.arrayContaining([
      { type: 'AWS::CloudWatch::Alarm', count: 2 * 4 + 9 },
      { type: 'AWS::CloudWatch::Dashboard', count: 1 },
      { type: 'AWS::Logs::MetricFilter', count: 6 },
      { type: 'AWS::Logs::QueryDefinition', count: 6 },
    ]),
  );
  expect(mappings).toHaveLength(2);
  expect(rules.map(({ name }) => name)).toContain('posthorn-dev-mesh-probe');
});
