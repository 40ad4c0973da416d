import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './world.ts';

const REPLIES = 'posthorn-dev-replies';

let world: World;
beforeAll(async () => {
  world = await startWorld(['greeting']);
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => world.take(REPLIES));

const reply = (id: string, data: unknown = { text: 'Hello!' }): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/agents/greeting',
    type: 'greeting.reply',
    time: '2026-01-02T03:04:05Z',
    correlationid: `asked-${id}`,
    data,
  });

const ndjson = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test('without --take replies are shown, copies once, and all stay in the queue', async () => {
  for (const id of ['a', 'b', 'a', 'a']) await world.put(REPLIES, reply(id));

  const text = await world.run(['replies']);
  const json = await world.run(['replies', '--json']);

  expect(text.stdout).toContain('a  greeting.reply  from /agents/greeting\n  answers asked-a\n  {\n    "text": "Hello!"\n  }\n');
  expect(text.stdout.match(/^ {2}answers asked-/gm)).toHaveLength(2);
  expect(text.stderr).toBe('2 replies in the queue, and left there; copies that were not shown: 2\n');
  expect(
    ndjson(json.stdout)
      .map(({ id, correlationid, body }) => [id, correlationid, JSON.parse(body).data])
      .sort(),
  ).toEqual([
    ['a', 'asked-a', { text: 'Hello!' }],
    ['b', 'asked-b', { text: 'Hello!' }],
  ]);
  expect([text.code, json.code]).toEqual([0, 0]);
  expect(await world.count(REPLIES)).toEqual({ visible: 4, inFlight: 0 });
});

test('--take removes what it printed, copies too', async () => {
  for (let nth = 0; nth < 25; nth++) await world.put(REPLIES, reply(`taken-${nth % 20}`));

  const { code, stdout, stderr } = await world.run(['replies', '--take', '--json']);

  expect(new Set(ndjson(stdout).map(({ id }) => id)).size).toBe(20);
  expect(ndjson(stdout)).toHaveLength(20);
  expect(stderr).toBe('20 replies taken; copies that were not shown: 5\n');
  expect(code).toBe(0);
  expect(await world.count(REPLIES)).toEqual({ visible: 0, inFlight: 0 });
});

test('--take --max removes so many and gives the others back', async () => {
  for (let nth = 0; nth < 12; nth++) await world.put(REPLIES, reply(`max-${nth}`));

  const { stdout } = await world.run(['replies', '--take', '--max', '3', '--json']);

  expect(ndjson(stdout)).toHaveLength(3);
  expect(await world.count(REPLIES)).toEqual({ visible: 9, inFlight: 0 });
  const left = (await world.take(REPLIES)).map(({ Body = '' }) => JSON.parse(Body).id);
  expect(left).not.toEqual(expect.arrayContaining([ndjson(stdout)[0].id]));
});

test('--follow waits for more; Ctrl-C ends it with 0 and gives back what it looked at', async () => {
  await world.put(REPLIES, reply('first'));

  const { code, stdout } = await world.run(['replies', '--follow', '--json'], {
    onOutput: (child) => {
      void world.put(REPLIES, reply('second'));
      child.onceOutput(/second/, () => child.kill('SIGINT'));
    },
  });

  expect(ndjson(stdout).map(({ id }) => id)).toEqual(['first', 'second']);
  expect(code).toBe(0);
  expect(await world.count(REPLIES)).toEqual({ visible: 2, inFlight: 0 });
});

test('interrupted while it takes, it removes no reply that it did not print', async () => {
  await Promise.all(Array.from({ length: 300 }, (_, nth) => world.put(REPLIES, reply(`interrupted-${nth}`))));

  const { code, stdout } = await world.run(['replies', '--take', '--json'], { onOutput: (child) => child.kill('SIGINT') });

  const printed = ndjson(stdout).length;
  expect(code).toBe(130);
  expect(await world.count(REPLIES)).toEqual({ visible: 300 - printed, inFlight: 0 });
});

test('a body that is not an envelope is shown as it is, without what would steer the terminal', async () => {
  await world.put(REPLIES, 'not\u2028JSON \u009b2J');

  const { stdout } = await world.run(['replies'], { env: { NO_COLOR: '1' } });

  expect(stdout).toMatch(/^\(no envelope\) {2}[\w-]+\n {2}not\ufffdJSON \ufffd2J\n/);
});

test('data that lies in the content bucket is named; long data is folded, and whole with --full', async () => {
  const long = { text: 'x'.repeat(5_000) };
  await world.put(REPLIES, reply('long', long));

  const folded = await world.run(['replies']);
  const full = await world.run(['replies', '--full']);

  expect(folded.stdout.length).toBeLessThan(1_200);
  expect(folded.stdout).toMatch(/… [\d,]+ more characters, --full shows all/);
  expect(full.stdout).toContain(long.text);
});

test('a mesh that is not there is an error that says where it was looked for', async () => {
  const { code, stdout, stderr } = await world.run(['replies', '--stage', 'prod']);

  expect(stderr).toMatch(/stage 'prod' has no replies queue 'posthorn-prod-replies' at http:.* in region us-east-1\n.*--region/);
  expect([code, stdout]).toEqual([1, '']);
});
