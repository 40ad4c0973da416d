import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { InvalidEventError, MeshClient, MissingQueueError, NoAgentsError, UnknownAgentError } from '../../../client/index.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { type LocalQueues, startLocalQueues } from '../../helpers/local-queues.ts';
import { collect, from } from '../../helpers/streams.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

const INBOX = 'posthorn-dev-greeting-inbox';

let queues: LocalQueues;
let mesh: MeshClient;
beforeAll(async () => {
  queues = await startLocalQueues([INBOX, 'posthorn-dev-greeting-errors', 'posthorn-dev-reporting-inbox', 'another-queue']);
  mesh = new MeshClient(queues.options);
});
afterAll(async () => {
  await mesh[Symbol.asyncDispose]();
  await queues[Symbol.asyncDispose]();
});

test('a client of no use yet asks AWS for nothing, and can be closed', async () => {
  await using unused = new MeshClient({ endpoint: 'http://127.0.0.1:1' });

  expect(unused.name).toEqual({ prefix: 'posthorn', stage: 'dev' });
});

test('a name that no mesh can have is refused at once', () => {
  expect(() => new MeshClient({ stage: 'pr-142' })).toThrow("stage 'pr-142': must be 1 to 12 lower-case letters and digits");
});

test('agents are those with an inbox', async () => {
  expect(await mesh.agents()).toEqual(['greeting', 'reporting']);
  await using other = new MeshClient({ ...queues.options, stage: 'prod' });
  await expect(other.agents()).rejects.toThrow(NoAgentsError);
});

test('a queue that is not there is an error that says which of three things is wrong, without options of a command', async () => {
  await using other = new MeshClient({ ...queues.options, stage: 'prod' });
  const errors = await Promise.all(
    [mesh.queueOf('greting', 'inbox'), mesh.queueOf('greeting', 'dead-letter'), other.queueOf('greeting', 'inbox')].map((url) =>
      url.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );

  expect(errors).toEqual([expect.any(UnknownAgentError), expect.any(MissingQueueError), expect.any(NoAgentsError)]);
  expect(errors).toMatchObject([
    { code: 'UnknownAgent', remedy: "Did you mean 'greeting'? Its agents: greeting, reporting." },
    { code: 'MissingQueue' },
    { code: 'NoAgents' },
  ]);
  expect(errors.map((error) => JSON.stringify(error) + String(error)).join()).not.toContain('--');
});

test('one event is sent whole, with what it lacked', async () => {
  const sent = await mesh.send('greeting', { name: 'Ada' }, { type: 'greeting.requested' });

  const [body = ''] = await queues.bodies(INBOX);
  expect(JSON.parse(body)).toMatchObject({
    ...{ id: sent.id, source: '/posthorn/client', type: 'greeting.requested' },
    data: { name: 'Ada' },
  });
  expect(sent.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(sent.messageId).toMatch(/^[\w-]{36}$/);
});

test('an event that an agent would reject is not sent', async () => {
  await expect(mesh.send('greeting', { specversion: '1.0', id: 7 })).rejects.toThrow(InvalidEventError);
  await expect(mesh.send('greeting', { specversion: '1.0', id: 7 })).rejects.toThrow(/id: .*a number/);
});

test('an event that fits leaves room for the longest token; data that leaves none goes into the content bucket', async () => {
  const room = MAX_MESSAGE_BYTES - 8_192 - 'authorizationString'.length;
  const { body } = await mesh.prepare('');
  const filling = (bytes: number) => mesh.prepare('x'.repeat(bytes - body.length));

  const filled = await filling(room);

  expect([filled.body.length, filled.claimCheck]).toEqual([room, false]);
  await expect(filling(room + 1)).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('of many each has a result', async () => {
  const results = await collect(mesh.sendMany('reporting', from([{ nth: 0 }, { specversion: '0.3' }, { nth: 2 }])));

  expect(results.map(({ status }) => status).sort()).toEqual(['failed', 'sent', 'sent']);
  expect(await mesh.depth('reporting', 'inbox')).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
});

const requestSchema = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(z.object({ messageKey: z.object({ S: z.string() }) })) })),
});

test('records that a throttled table leaves out of its answer are read again', async () => {
  const asked: string[][] = [];
  const endpoint = await startAws(async (request, response) => {
    const [table = '', { Keys } = { Keys: [] }] = Object.entries(requestSchema.parse(await json(request)).RequestItems)[0] ?? [];
    asked.push(Keys.map(({ messageKey }) => messageKey.S));
    const text = (S: string) => ({ S });
    const number = (N: number) => ({ N: String(N) });
    const [first, ...left] = Keys;
    const item = {
      ...{ messageKey: first?.messageKey, revision: text('r'), agent: text('a'), digest: text('d'), sender: text('s') },
      ...{ generation: number(0), startedAt: number(1), expiresAt: number(2), attempts: { L: [] } },
    };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Responses: { [table]: [item] }, UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left } } : {} }));
  });
  await using client = new MeshClient({ endpoint });

  const records = await client.records(['a /s 1', 'a /s 2', 'a /s 3']);

  expect(records.map(({ messageKey }) => messageKey)).toEqual(['a /s 1', 'a /s 2', 'a /s 3']);
  expect(asked).toEqual([['a /s 1', 'a /s 2', 'a /s 3'], ['a /s 2', 'a /s 3'], ['a /s 3']]);
});
