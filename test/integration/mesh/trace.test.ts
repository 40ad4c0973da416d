import { afterAll, beforeAll, describe, test } from 'vitest';
import { event, newTrace, SOURCE } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const cli = (...args: string[]) => posthorn([...args, '--endpoint-url', fixture.cloud.endpoint]);
const hopsIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const ended = (id: string, hops: number) =>
  until('the journey ends', async () => (await fixture.mesh.journey(id)).filter(({ outcome }) => outcome !== undefined).length === hops);

describe.concurrent('posthorn trace', () => {
  test('draws every hop of a journey: what it waited, its attempts, how it ended and what it sent', async ({ expect }) => {
    const message = event({ steps: ['transient', 'succeed'], forwards: 2, replies: true });
    await fixture.mesh.send('working', [message]);
    await ended(message.id, 3);

    const { stdout, code } = await cli('trace', message.id);

    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${message.id} {2}20\\d\\d-.*Z$`));
    expect(lines.filter((line) => /^ +\+\d/.test(line)).map((line) => line.trim().split(/ {2,}/).at(-1))).toEqual([
      'processed',
      'processed',
      'processed',
    ]);
    expect(stdout).toMatch(/attempt 1 failed after \d+ ms: Unlucky: attempt 1 fails\n/);
    expect(stdout).toMatch(/handled .*later\), committed\n +sent to counting \(2\), the replies queue\n/);
    expect(stdout).toContain('\n3 hops: 3 processed\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('finds a journey by its correlation id, by the id of its first message, and by that of an agent’s message', async ({ expect }) => {
    const { correlationid, traceId, traceparent } = newTrace();
    const message = event({ forwards: 1 }, { correlationid, traceparent });
    await fixture.mesh.send('working', [message]);
    await ended(correlationid, 2);

    const whole = hopsIn((await cli('trace', correlationid, '--json')).stdout);
    const byFirst = hopsIn((await cli('trace', message.id, '--source', SOURCE, '--json')).stdout);
    const bySecond = hopsIn((await cli('trace', whole[1].id, '--json')).stdout);
    const [partOfId, byTrace] = await Promise.all([cli('trace', correlationid.slice(0, -1)), cli('trace', traceId)]);

    expect(whole.slice(0, -1).map(({ agent, state }) => [agent, state])).toEqual([
      ['working', 'processed'],
      ['counting', 'processed'],
    ]);
    expect(whole[0].outbox).toEqual([{ to: 'counting', id: whole[1].id, type: 'working.sent' }]);
    expect([byFirst, bySecond]).toEqual([whole, whole]);
    expect([partOfId.code, byTrace.code]).toEqual([1, 1]);
    expect(byTrace.stderr).toContain('A trace id needs a mesh with the setting traceIndex.');
  });

  test('says why a message failed, and prints the command that shows it', async ({ expect }) => {
    const message = event({ steps: ['permanent'] });
    await fixture.mesh.send('working', [message]);
    await ended(message.id, 1);

    const { stdout } = await cli('trace', message.id);

    expect(stdout).toMatch(/attempt 1 failed after \d+ ms: Unwanted: it is not wanted here\n/);
    expect(stdout).toContain(`npx posthorn errors show working ${message.id} --endpoint-url ${fixture.cloud.endpoint}\n`);
    expect(stdout).toContain('\n1 hop: 1 rejected\n');
  });

  test('--follow prints what changes, and ends when every message has its outcome', async ({ expect }) => {
    const message = event({ steps: ['transient', 'transient', 'succeed'], forwards: 1 });

    const following = cli('trace', message.id, '--follow', '--json');
    await fixture.mesh.send('working', [message]);
    const { stdout, code, stderr } = await following;

    const lines = hopsIn(stdout);
    expect(code, stderr).toBe(0);
    expect(lines.at(-1).summary).toMatchObject({ hops: 2, processed: 2, open: 0, notReceived: 0 });
    expect(lines.filter(({ agent, state }) => agent === 'working' && state === 'processed')).toHaveLength(1);
    expect(lines.filter(({ agent, state }) => agent === 'counting' && state === 'processed')).toHaveLength(1);
  });
});
