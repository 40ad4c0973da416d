import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidQueryError, type MeshClient, NotOfferedError, RolloutError } from '../../../../client/index.ts';
import { event, SOURCE } from '../../../helpers/mesh-fixture.ts';
import { CAPABILITY, startVersions, type VersionsMesh } from './start-versions.ts';

let mesh: VersionsMesh;
let client: MeshClient;

beforeAll(async () => {
  mesh = await startVersions();
  ({ client } = mesh);
});
afterAll(() => mesh?.[Symbol.asyncDispose]());

const NEWER = 'sentiment-v2';

const weights = () => mesh.weights();
const rollout = (...args: readonly string[]) => mesh.command('rollout', CAPABILITY, ...args);

/**
 * Traffic for the newer one, until it says so. Its version is asked for, so that nothing depends on how old a process's weights are; and
 * the other one has none, so that nothing depends on how busy this machine is.
 */
async function traffic(isOver: () => boolean, data: object): Promise<void> {
  while (!isOver()) {
    const events = Array.from({ length: 10 }, () => event({ version: '^2.0', ...data }));
    await mesh.fixture.mesh.send('asking', events);
    await mesh.fixture.mesh.outcomesOf(
      'asking',
      SOURCE,
      events.map(({ id }) => id),
    );
  }
}

/** Runs a command while there is traffic. */
async function withTraffic<Result>(command: Promise<Result>, data: object = {}): Promise<Result> {
  let isOver = false;
  const done = command.finally(() => {
    isOver = true;
  });
  await Promise.all([done, traffic(() => isOver, data)]);
  return done;
}

test('the probe moves a rollout through its steps, while messages flow', async () => {
  const { stdout, stderr, code } = await withTraffic(rollout('--to', NEWER, '--steps', '50,100', '--every', '1s', '--wait'));

  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('running: 100% to sentiment-v2, step 2 of 2 (50, 100)') });
  expect(stdout).toMatch(/^the last rollout, .* ago: done, 100% to sentiment-v2\n/);
  expect(stdout).toMatch(/IN THIS STEP +ATTEMPTS +FAILED +P95\nsentiment-v2 +\d+ +0\.0% /);
  expect(await weights()).toEqual({ 'sentiment-v1': 0, 'sentiment-v2': 100 });
});

test('one at a time: it is paused, resumed and aborted, and a second one or a weight by hand is refused meanwhile', async () => {
  await client.shift(CAPABILITY, 'sentiment-v1', 90);
  await rollout('--to', NEWER, '--steps', '50', '--every', '1h');
  expect(await weights()).toEqual({ 'sentiment-v1': 50, 'sentiment-v2': 50 });

  expect(await rollout('--to', 'sentiment-v1', '--steps', '10')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("a rollout of 'sentiment-analysis' to 'sentiment-v2' is under way: it is running"),
  });
  expect(await rollout('--to', NEWER, '--weight', '10')).toMatchObject({ code: 1, stderr: expect.stringContaining('is under way') });
  expect((await rollout('--pause')).stdout).toContain('paused: 50% to sentiment-v2');
  expect(JSON.parse((await rollout('--json')).stdout)).toMatchObject({ capability: CAPABILITY, rollout: { to: NEWER, state: 'paused' } });
  expect((await rollout('--resume')).stdout).toContain('running: 50% to sentiment-v2');
  expect((await rollout('--abort')).stdout).toContain('rolled back from 50% to sentiment-v2: an operator aborted it');
  expect(await weights()).toEqual({ 'sentiment-v1': 90, 'sentiment-v2': 10 });
  expect(await rollout('--abort')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no rollout of 'sentiment-analysis' is under"),
  });
});

test.each<[string, readonly string[], string]>([
  ['options that contradict each other', ['--pause', '--abort'], '--pause and --abort do not go together'],
  ['a step without an agent', ['--steps', '10'], '--steps needs --to'],
  ['an agent without a share', ['--to', NEWER], '--to needs --weight or --steps'],
  ['a time without steps', ['--every', '5m'], '--every is for --steps'],
  ['a share that is none', ['--to', NEWER, '--weight', '101'], 'Give whole numbers from 0 to 100'],
  ['steps that fall', ['--to', NEWER, '--steps', '50,10'], 'the steps are 50, 10'],
  ['steps that are none', ['--to', NEWER, '--steps', 'ten'], 'Give whole numbers from 0 to 100'],
  ['a time that is none', ['--to', NEWER, '--steps', '10', '--every', '5'], 'Give a whole number and its unit'],
  ['somebody who does not offer it', ['--to', 'asking', '--steps', '10'], "agent 'asking' does not offer the capability"],
])('the command refuses %s', async (_case, options, message) => {
  expect(await rollout(...options)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
});

test('a program gets errors that it can tell apart', async () => {
  const start = (to: string, steps: readonly number[], everySeconds?: number) =>
    client.rollouts.start(CAPABILITY, { to, steps, everySeconds });

  await expect(start('asking', [10])).rejects.toThrow(NotOfferedError);
  await expect(start(NEWER, [])).rejects.toThrow(InvalidQueryError);
  await expect(start(NEWER, [0])).rejects.toThrow(InvalidQueryError);
  await expect(start(NEWER, [10], 0.5)).rejects.toThrow(InvalidQueryError);
  await expect(client.rollouts.pause(CAPABILITY)).rejects.toThrow(RolloutError);
  await expect(client.rollouts.of('Not A Capability')).rejects.toThrow(InvalidQueryError);
  expect(await client.rollouts.of('unknown')).toBeUndefined();
  await client.shift(CAPABILITY, NEWER, 100);
  await expect(start(NEWER, [100])).rejects.toThrow('no other agent has a share');
});

test('an agent is drained: it gets no new journeys, and the command waits until its inbox is empty', async () => {
  await client.shift(CAPABILITY, NEWER, 40);
  const drain = (...args: readonly string[]) => mesh.command('drain', ...args, '--settle', '1s');

  expect(await drain('sentiment-v1')).toMatchObject({
    code: 0,
    stdout: 'sentiment-v1 is drained: it has no messages, and gets no new journeys of sentiment-analysis.\n',
    stderr: expect.stringContaining('sentiment-v1: its inbox is empty'),
  });
  expect(await weights()).toEqual({ 'sentiment-v1': 0, 'sentiment-v2': 100 });
  expect(await drain(NEWER)).toMatchObject({ code: 1, stderr: expect.stringContaining("offer 'sentiment-analysis' have the weight 0") });
  expect(await drain('asking')).toMatchObject({ code: 1, stderr: expect.stringContaining("only 'asking' offers 'asking'") });
  expect(await drain('sentiment')).toMatchObject({ code: 1, stderr: expect.stringContaining("has no agent 'sentiment'") });

  await client.pause('sentiment-v1');
  await mesh.fixture.mesh.send('sentiment-v1', [event({})]);
  expect(await drain('sentiment-v1', '--timeout', '2s')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /sentiment-v1 is paused, so .*\n(.*\n)*.*sentiment-v1 is not empty after 2\.00 s: 1 waiting, 0 in flight/,
    ),
  });
  await client.resume('sentiment-v1');
  expect(await drain('sentiment-v1', '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining('"state":"drained"') });
  expect(await weights()).toEqual({ 'sentiment-v1': 0, 'sentiment-v2': 100 });
});

test('a version that fails is rolled back by itself, and the command says why', async () => {
  await rollout('--to', 'sentiment-v1', '--weight', '90');

  const { stderr, code } = await withTraffic(rollout('--to', NEWER, '--steps', '50,100', '--every', '1s', '--wait'), { failing: NEWER });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /the rollout of 'sentiment-analysis' to 'sentiment-v2' was rolled back: .*(attempts failed|messages wait)/,
    ),
  });
  expect(await weights()).toEqual({ 'sentiment-v1': 90, 'sentiment-v2': 10 });
});
