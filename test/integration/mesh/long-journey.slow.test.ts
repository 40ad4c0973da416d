import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { inboxName, meshName } from '../../../events/names.ts';
import { event, newTrace } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';

const MESSAGES = 5_000;

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const hopSchema = z.object({ messageKey: z.string(), agent: z.string(), state: z.string(), startedAt: z.string() });

test(`a journey of ${2 * MESSAGES} hops that agents have made is traced whole: each hop once, in the order of their beginnings`, async () => {
  const { correlationid, traceparent } = newTrace();
  const { mesh, acknowledged, cloud } = fixture;
  await acknowledged(
    await mesh.send(
      'working',
      Array.from({ length: MESSAGES }, () => event({ forwards: 1 }, { correlationid, traceparent })),
    ),
  );
  await until('nothing is left downstream', async () => (await mesh.depth(inboxName(meshName(), 'counting'))) === 0);

  const { code, stdout, stderr } = await posthorn(['trace', correlationid, '--json', '--endpoint-url', cloud.endpoint]);

  expect(code, stderr).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ summary: { hops: 2 * MESSAGES, processed: 2 * MESSAGES, notReceived: 0 } });
  const hops = lines.slice(0, -1).map((line) => hopSchema.parse(JSON.parse(line)));
  expect(new Set(hops.map(({ messageKey }) => messageKey)).size).toBe(2 * MESSAGES);
  expect(hops.filter(({ agent }) => agent === 'counting')).toHaveLength(MESSAGES);
  const begun = hops.map(({ startedAt }) => startedAt);
  expect(begun).toEqual(begun.toSorted());
});
