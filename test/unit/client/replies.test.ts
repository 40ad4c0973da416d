import { afterEach, beforeEach, expect, test } from 'vitest';
import { MeshClient } from '../../../client/index.ts';
import { type LocalQueues, startLocalQueues } from '../../helpers/local-queues.ts';

const REPLIES = 'posthorn-dev-replies';

let queues: LocalQueues;
let mesh: MeshClient;
beforeEach(async () => {
  queues = await startLocalQueues([REPLIES]);
  mesh = new MeshClient(queues.options);
});
afterEach(async () => {
  await mesh[Symbol.asyncDispose]();
  await queues[Symbol.asyncDispose]();
});

const reply = (id: string, source = '/agents/greeting') =>
  JSON.stringify({ specversion: '1.0', id, source, type: 'greeting.reply', time: '2026-01-02T03:04:05Z' });

async function idsOf(replies: AsyncIterable<{ readonly envelope: { readonly id: string } | undefined }>) {
  const ids: (string | undefined)[] = [];
  for await (const { envelope } of replies) ids.push(envelope?.id);
  return ids;
}

test('of copies only the first is given, and all are deleted; the same id of another source is another reply', async () => {
  for (const body of [reply('a'), reply('a'), reply('b'), reply('a', '/agents/other'), reply('b')]) await queues.put(REPLIES, body);

  const replies = mesh.replies({ follow: false });

  expect((await idsOf(replies)).sort()).toEqual(['a', 'a', 'b']);
  expect(replies.copies).toBe(2);
  expect(await queues.count(REPLIES)).toEqual({ visible: 0, inFlight: 0 });
});

test('a copy that arrives much later is recognised', async () => {
  await queues.put(REPLIES, reply('first'));
  const controller = new AbortController();
  const seen: (string | undefined)[] = [];

  for await (const { envelope } of mesh.replies({ signal: controller.signal })) {
    seen.push(envelope?.id);
    if (envelope?.id === 'first')
      for (let nth = 0; nth < 30; nth++) await queues.put(REPLIES, reply(nth === 15 ? 'first' : `later-${nth}`));
    if (seen.length === 30) controller.abort();
  }

  expect(seen.filter((id) => id === 'first')).toHaveLength(1);
  expect(new Set(seen).size).toBe(30);
});

test.each([
  ['break', 'break'],
  ['an error', 'error'],
] as const)('left by %s, those before are deleted; the one given last and the others are given back', async (_what, how) => {
  for (let nth = 0; nth < 5; nth++) await queues.put(REPLIES, reply(`r${nth}`));
  const given: string[] = [];
  const read = async () => {
    for await (const { body } of mesh.replies({ follow: false })) {
      given.push(body);
      if (given.length < 3) continue;
      if (how === 'break') break;
      throw new Error('cannot record it');
    }
  };

  if (how === 'error') await expect(read()).rejects.toThrow('cannot record it');
  else await read();

  expect(await queues.count(REPLIES)).toEqual({ visible: 3, inFlight: 0 });
  const left = await queues.bodies(REPLIES);
  expect(left).toContain(given[2]);
  expect(left).not.toContain(given[0]);
});

test('a signal that aborts in the loop lets the reply that was given be taken, and gives back the others', async () => {
  for (let nth = 0; nth < 5; nth++) await queues.put(REPLIES, reply(`r${nth}`));
  const controller = new AbortController();
  const given: string[] = [];

  for await (const { body } of mesh.replies({ signal: controller.signal })) {
    given.push(body);
    if (given.length === 2) controller.abort();
  }

  expect(given).toHaveLength(2);
  expect(await queues.count(REPLIES)).toEqual({ visible: 3, inFlight: 0 });
});

test('looking deletes nothing, and shows each once though more than ten are there', async () => {
  for (let nth = 0; nth < 25; nth++) await queues.put(REPLIES, reply(`r${nth}`));

  const ids = await idsOf(mesh.replies({ take: false, follow: false }));

  expect(new Set(ids).size).toBe(25);
  expect(ids).toHaveLength(25);
  expect(await queues.count(REPLIES)).toEqual({ visible: 25, inFlight: 0 });
});

test('a limit ends it after so many, which are all taken', async () => {
  for (let nth = 0; nth < 5; nth++) await queues.put(REPLIES, reply(`r${nth}`));

  expect(await idsOf(mesh.replies({ max: 2 }))).toHaveLength(2);
  expect(await queues.count(REPLIES)).toEqual({ visible: 3, inFlight: 0 });
});
