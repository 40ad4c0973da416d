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

const traced = (id: string) => posthorn(['trace', id, '--endpoint-url', fixture.cloud.endpoint]);

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

test('a paused agent is named with the command that resumes it: by posthorn stuck, and by posthorn trace of what waits for it', async () => {
  const flags = ['--endpoint-url', fixture.cloud.endpoint];
  const paused = await posthorn(['pause', 'counting', ...flags]);
  expect(paused.code, paused.stderr).toBe(0);
  const [first, forwarding] = [event({ parent: 'p', index: 0, nonce: 'n' }), event({ forwards: 1 })];
  await fixture.mesh.send('counting', [first]);
  await fixture.mesh.send('working', [forwarding]);
  await until('the message to the paused agent is sent', async () => (await fixture.mesh.journey(forwarding.id)).length > 0);

  const [listed, journey, unknown] = await until('both messages wait', async () => {
    const runs = await Promise.all([posthorn(['stuck', ...flags]), traced(forwarding.id), traced(first.id)]);
    return runs[0].stdout.includes('about 2 messages wait') && runs[1].stdout.includes('not received') && runs;
  });
  const resume = `npx posthorn resume counting ${flags.join(' ')}`;

  // A snapshot that is taken meanwhile tells how long they wait.
  const waits = 'counting is paused, and about 2 messages wait in its inbox(, the oldest for .*)?';

  expect(listed.stdout).toMatch(new RegExp(`^${waits}\\n  ${resume}$`, 'm'));
  expect(journey.stdout).toMatch(/its inbox has about 2 waiting, .*0 in flight; the agent is paused/);
  expect(journey.stdout).toContain(` ${resume}\n`);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(new RegExp(`^${waits}: ${resume}$`, 'm'))]);
  expect(unknown.stderr).toContain(`not be received yet: npx posthorn stuck --older-than 0s ${flags.join(' ')}\n`);

  await posthorn(['resume', 'counting', ...flags]);
  expect((await fixture.mesh.outcomeOf('counting', SOURCE, first.id)).outcome).toBe('processed');
});
