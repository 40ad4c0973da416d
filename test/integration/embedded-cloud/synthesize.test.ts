import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SynthesisError } from '../../../local/errors.ts';
import { synthesize } from '../../../local/template/synthesize.ts';

function project(app: string, configuration: object = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'synthesize-'));
  writeFileSync(join(directory, 'app.mjs'), app);
  writeFileSync(join(directory, 'cdk.json'), JSON.stringify(configuration));
  return directory;
}

test('gives the app its output directory and context as the CDK CLI does', async () => {
  const app = `import { mkdirSync, writeFileSync } from 'node:fs';
    mkdirSync(process.env.CDK_OUTDIR); writeFileSync(process.env.CDK_OUTDIR + '/context.json', process.env.CDK_CONTEXT_JSON);`;
  const projectDirectory = project(app, { context: { flag: true, size: 1, stage: 'overridden' } });
  const outputDirectory = join(projectDirectory, 'out');

  await synthesize({ stage: 'dev', context: { size: 2 }, outputDirectory, projectDirectory, app: 'app.mjs' });

  expect(JSON.parse(readFileSync(join(outputDirectory, 'context.json'), 'utf8'))).toEqual({ flag: true, size: 2, stage: 'dev' });
});

test('a failed synthesis is an error with what the app wrote', async () => {
  const projectDirectory = project(`throw new Error('stage "x" is unknown')`);

  const synthesis = synthesize({ stage: 'x', outputDirectory: join(projectDirectory, 'out'), projectDirectory, app: 'app.mjs' });

  await expect(synthesis).rejects.toThrow(SynthesisError);
  await expect(synthesis).rejects.toThrow(/app\.mjs ended with 1:[\s\S]*stage "x" is unknown/);
});
