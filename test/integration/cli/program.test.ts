import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { freePort, posthorn, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(['order-processing']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** Makes the process that is started believe that it is an old Node; the one that it starts is not told. */
const AS_NODE_20 = ['--import', `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`];

test('--help names the commands and the options that are taken everywhere', async () => {
  const program = await posthorn(['--help']);
  const command = await posthorn(['dlq', 'redrive', '--help']);

  expect(program.stdout).toMatch(/send .*replies .*dlq .*errors /s);
  for (const option of ['--endpoint-url', '--region', '--stage', '--json']) {
    expect(program.stdout).toContain(option);
    expect(command.stdout).toContain(option);
  }
  expect([program.code, command.code]).toEqual([0, 0]);
});

test('--version is that of the package', async () => {
  const { code, stdout } = await posthorn(['--version']);

  expect([code, stdout]).toEqual([0, `${packageJson.version}\n`]);
});

test('an endpoint where nobody is says how to start one', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;

  const { code, stdout, stderr } = await posthorn(['dlq', 'ls', '--json'], { env: { AWS_ENDPOINT_URL: endpoint } });

  expect(stderr).toContain(`cannot reach ${endpoint} (ECONNREFUSED ${new URL(endpoint).host})`);
  expect(stderr).toContain('posthorn dev');
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

test.each([
  ['an unknown command', ['frobnicate'], "unknown command 'frobnicate'"],
  ['an unknown option', ['dlq', 'ls', '--frobnicate'], "unknown option '--frobnicate'"],
  ['an unknown stage', ['dlq', 'ls', '--stage', 'pr-142'], "--stage 'pr-142': must be 1 to 12 lower-case letters and digits"],
  ['a port that is none', ['dev', '--port', '70000'], "'70000' is invalid. Give a whole number from 0 to 65535."],
  ['a wrong option of send', ['send', 'x', '--frobnicate'], "Try 'posthorn send --help'."],
  ['a wrong option of a command in a command', ['dlq', 'ls', '--frobnicate'], "Try 'posthorn dlq ls --help'."],
  ['AWS without a region', ['dlq', 'ls'], '--endpoint-url http://127.0.0.1:4566'],
  ['an empty id', ['trace', ''], '<id> is not 1 to 256 printable characters: it has none'],
  ['an id that is too long', ['trace', 'x'.repeat(3_000)], '<id> is not 1 to 256 printable characters: it has 3,000'],
  ['an id on two lines', ['trace', 'a\nb'], '<id> is not 1 to 256 printable characters: it has control characters'],
  ['a source that is none', ['trace', 'a', '--source', 'a b'], '--source is not 1 to 512 printable ASCII characters without spaces'],
  ['an endpoint that is no URL', ['dlq', 'ls', '--endpoint-url', '127.0.0.1:4566'], "--endpoint-url '127.0.0.1:4566' is not a URL"],
])('%s is refused by its name', async (_what, args, message) => {
  const { code, stderr } = await posthorn(args);

  expect(stderr).toContain(message);
  expect(code).toBe(1);
});

test('an agent that is there but not in this region is told so, and not suggested', async () => {
  const { code, stderr } = await world.run(['dlq', 'show', 'order-processing'], { env: { AWS_REGION: 'eu-west-1' } });

  expect(stderr).toContain("lists agent 'order-processing', but has no queue 'posthorn-dev-order-processing-dlq' in region eu-west-1");
  expect(stderr).toContain('--region');
  expect(stderr).not.toContain('Did you mean');
  expect(code).toBe(1);
});

test('a profile, even one that does not exist, is of no importance to an endpoint on this machine', async () => {
  const { code, stdout, stderr } = await world.run(['dlq', 'ls'], { env: { AWS_PROFILE: 'nosuch' } });

  expect(stdout).toContain('order-processing');
  expect([code, stderr]).toEqual([0, '']);
});

test('on an old Node it runs on the one that the project brings: input, output and exit code are the same', async () => {
  const good = await world.run(['send', '-', '--agent', 'order-processing', '--rate', 'max'], {
    stdin: '{"a":1}',
    nodeOptions: AS_NODE_20,
  });
  const bad = await world.run(['dlq', 'show', 'nobody'], { nodeOptions: AS_NODE_20 });

  expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining('1 event sent') });
  expect(bad).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining("no agent 'nobody'") });
});

test('on an old Node an interrupt reaches the command, which ends in its own way', async () => {
  const queue = 'posthorn-dev-order-processing-dlq';
  await Promise.all(Array.from({ length: 600 }, (_, nth) => world.put(queue, String(nth))));

  const { code } = await world.run(['dlq', 'show', 'order-processing', '--max', '600'], {
    nodeOptions: AS_NODE_20,
    onOutput: (child) => child.kill('SIGTERM'),
  });

  expect(code).toBe(143);
  expect(await world.count(queue)).toEqual({ visible: 600, inFlight: 0 });
});
