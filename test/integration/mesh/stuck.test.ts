import { afterAll, beforeAll, expect, test } from 'vitest';
import { event, SOURCE } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const stuck = async (...args: string[]) => {
  const { stdout } = await posthorn(['stuck', '--older-than', '0s', '--json', ...args, '--endpoint-url', fixture.cloud.endpoint]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .flatMap(({ message }) => message ?? []);
};

test('posthorn stuck lists a message that has failed and has no outcome, with why, until it has its outcome', async () => {
  const message = event({ steps: ['transient', 'hang'] });
  await fixture.mesh.send('hanging', [message]);

  const listed = await until('the message is listed', async () => {
    const [found] = await stuck('--agent', 'hanging');
    return found?.attempts.length === 1 && found;
  });
  const ofOthers = await stuck('--agent', 'counting');
  const { outcome } = await fixture.mesh.outcomeOf('hanging', SOURCE, message.id);
  const afterwards = await stuck();

  expect(listed).toMatchObject({ agent: 'hanging', id: message.id, correlationId: message.id, attempts: [{ code: 'Unlucky' }] });
  expect(['backoff', 'due']).toContain(listed.state);
  expect(Date.parse(listed.stuckSince)).toBeGreaterThanOrEqual(Date.parse(listed.attempts[0].at));
  expect(ofOthers).toEqual([]);
  expect(outcome).toBe('dead-lettered');
  expect(afterwards).toEqual([]);
});
