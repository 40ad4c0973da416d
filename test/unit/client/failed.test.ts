import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { AwsClients } from '../../../client/aws-clients.ts';
import { RegistryError } from '../../../client/errors.ts';
import { redriveMessages } from '../../../client/failed/redrive.ts';
import { MeshClient, type RedriveResult } from '../../../client/index.ts';
import { type LocalQueues, startLocalQueues } from '../../helpers/local-queues.ts';
import { collect } from '../../helpers/streams.ts';

const INBOX = 'posthorn-dev-greeting-inbox';
const DEAD_LETTERS = 'posthorn-dev-greeting-dlq';

let queues: LocalQueues;
let mesh: MeshClient;
beforeEach(async () => {
  queues = await startLocalQueues([INBOX, DEAD_LETTERS]);
  mesh = new MeshClient(queues.options);
});
afterEach(async () => {
  await mesh[Symbol.asyncDispose]();
  await queues[Symbol.asyncDispose]();
});

const envelope = (id: string) =>
  JSON.stringify({ specversion: '1.0', id, source: '/tests', type: 'test', time: '2026-01-02T03:04:05Z', data: 1 });
const failure = { 'posthorn-outcome': 'dead-lettered', 'posthorn-code': 'Http503', 'posthorn-generation': '0', 'posthorn-attempts': '4' };

async function fill(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) await queues.put(DEAD_LETTERS, envelope(`f${nth}`), failure);
}

test.each([
  ['break', () => undefined],
  [
    'an error',
    () => {
      throw new Error('enough');
    },
  ],
])('a loop that is left by %s gives back everything', async (_what, leave) => {
  await fill(12);
  const failed = mesh.failed('greeting', 'dead-letter');
  const look = async () => {
    for await (const { id } of failed) {
      expect(id).toMatch(/^f\d+$/);
      leave();
      break;
    }
  };

  await look().catch((error: unknown) => expect(error).toMatchObject({ message: 'enough' }));

  expect(await queues.count(DEAD_LETTERS)).toEqual({ visible: 12, inFlight: 0 });
  expect(failed).toMatchObject({ looked: 10, reachedEnd: false, stillHidden: 0 });
});

test('a redrive by ids ends when it has found them, and does nothing when it is given none', async () => {
  await fill(3);

  const found = await collect(mesh.redrive('greeting', 'dead-letter', { ids: ['f1', 'f2'] }));
  const nothing = await collect(mesh.redrive('greeting', 'dead-letter', { ids: [] }));

  expect(found.map(({ status, message }) => [status, message.id]).sort()).toEqual([
    ['redriven', 'f1'],
    ['redriven', 'f2'],
  ]);
  expect(nothing).toEqual([]);
  expect(await queues.count(DEAD_LETTERS)).toEqual({ visible: 1, inFlight: 0 });
  expect((await queues.bodies(INBOX)).map((body) => JSON.parse(body)).sort((one, other) => (one.id < other.id ? -1 : 1))).toMatchObject([
    { id: 'f1', generation: 1 },
    { id: 'f2', generation: 1 },
  ]);
});

test('an error that the next message would meet as well ends a redrive, after the results of those that went back', async () => {
  await fill(3);
  const original = `s3://posthorn-dev-content-000000000000-us-east-1/sha-256/${'0'.repeat(64)}`;
  await queues.put(DEAD_LETTERS, '{}', { ...failure, 'posthorn-original': original });
  const results: RedriveResult[] = [];
  const redrive = async () => {
    for await (const result of mesh.redrive('greeting', 'dead-letter')) results.push(result);
  };

  await expect(redrive()).rejects.toMatchObject({ name: 'NoSuchBucket' });

  expect(results.map(({ status }) => status)).toEqual(['redriven', 'redriven', 'redriven']);
  expect(await queues.count(INBOX)).toEqual({ visible: results.length, inFlight: 0 });
  expect(await queues.count(DEAD_LETTERS)).toEqual({ visible: 4 - results.length, inFlight: 0 });
});

test('a signal that aborts ends a redrive; what was not put back is given back', async () => {
  await fill(25);
  const controller = new AbortController();
  const results: RedriveResult[] = [];

  for await (const result of mesh.redrive('greeting', 'dead-letter', { signal: controller.signal })) {
    results.push(result);
    controller.abort();
  }

  expect(results.length).toBeLessThanOrEqual(10);
  expect(await queues.count(INBOX)).toEqual({ visible: results.length, inFlight: 0 });
  expect(await queues.count(DEAD_LETTERS)).toEqual({ visible: 25 - results.length, inFlight: 0 });
});

test.each([
  ['states a failure', failure],
  ['states a sender', { 'posthorn-sender': 'AIDASHOP' }],
])('a message that %s ends a redrive where the registry may not be read; one that states nothing goes back', async (_what, attributes) => {
  await queues.put(DEAD_LETTERS, envelope('told'), attributes);
  await queues.put(DEAD_LETTERS, envelope('plain'));
  const denied = new RegistryError('it may not be read');
  const [from, to] = [await mesh.queueOf('greeting', 'dead-letter'), await mesh.queueOf('greeting', 'inbox')];
  const { sqs } = new AwsClients(queues.options);
  onTestFinished(() => sqs.destroy());
  const route = {
    ...{ agent: 'greeting', sqs, content: mesh.content, from, to, waitSeconds: 0 },
    credential: async () => ({}),
    access: async () => ({ record: undefined, denied }),
  };

  const plain = await collect(redriveMessages(route, { ids: ['plain'] }));

  expect(plain.map(({ status, message }) => [status, message.id])).toEqual([['redriven', 'plain']]);
  await expect(collect(redriveMessages(route, {}))).rejects.toBe(denied);
  expect(await queues.count(DEAD_LETTERS)).toEqual({ visible: 1, inFlight: 0 });
});
