import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../../../client/index.ts';
import { functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, SOURCE, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const COMMAND = 'npx posthorn rollout sentiment-analysis --to sentiment-v2 --steps 10,50,100 --every 30s --wait';

/** What README shows after the command, up to the end of the block. */
function shownInReadme(): string {
  const [, block = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split(`$ ${COMMAND}\n`);
  return block.slice(0, block.indexOf('```'));
}

/** A line without its figures: what a person recognises it by. */
const kindOf = (line: string) =>
  line
    .replaceAll(/\d+(\.\d+)?(?= ?(ms|s|m|%)(?!\w))/g, 'N')
    .replaceAll(/\bN ?(ms|s|m)( N ?s)?\b/g, 'TIME')
    .replaceAll(/ {2,}[\d,.]+/g, '  N')
    .replaceAll(/ {2,}/g, '  ');
const kindsOf = (text: string) => text.trimEnd().split('\n').map(kindOf);

test('README shows the rollout of the newer sentiment analysis, as it goes while documents come', async () => {
  const fixture = await startMeshFixture({
    agentsFolder: join(ROOT, 'functions/agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
  const { endpoint, region } = fixture.cloud;
  const client = new MeshClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });
  await until('both are found', async () => (await client.findAgents({ capability: 'sentiment-analysis' })).length === 2);
  const documents = async (metadata: object) => {
    const events = Array.from({ length: 20 }, () =>
      event('A kettle that is very good, and slightly loud.', { type: 'document.received', datacontenttype: 'text/plain', metadata }),
    );
    await fixture.mesh.send('document-extraction', events);
    await fixture.mesh.outcomesOf(
      'document-extraction',
      SOURCE,
      events.map(({ id }) => id),
    );
  };
  const handled = async () => (await client.metrics()).find(({ agent }) => agent === 'sentiment-v2')?.counts.processed;
  await until('the probe has looked before', async () => (await handled()) === 0);
  // A cold start is no part of it: it is measured before the rollout begins.
  await documents({ sentimentVersion: '>=2.0' });
  await until('the probe has seen the first ones', async () => (await handled()) === 20);

  let isOver = false;
  const [, , , ...args] = COMMAND.replace('30s', '5s').split(' ');
  const rollout = posthorn(['rollout', ...args, '--endpoint-url', endpoint, '--region', region]).finally(() => {
    isOver = true;
  });
  while (!isOver) await documents({});
  const { code, stdout, stderr } = await rollout;

  expect(code, `${stderr}${stdout}`).toBe(0);
  const lines = `${stderr.replace(/^Busy processes .*\n/m, '')}${stdout}`;
  expect(kindsOf(lines)).toEqual(kindsOf(shownInReadme()));
});
