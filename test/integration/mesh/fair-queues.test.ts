import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Context, defineAgent, PermanentError } from 'posthorn';
import { startMesh, type TestMesh } from 'posthorn/testing';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { inboxName, meshName, repliesQueueName } from '../../../events/names.ts';
import { collect } from '../../helpers/streams.ts';

const CONCURRENCY = 4;
const BATCH_SIZE = 10;
const QUIET = 5;
const NOISY = 100 * QUIET;
const capabilities = [{ id: 'tested', name: 'Tested', description: 'Is tested.', tags: [] }];

async function* events(from: string, count: number) {
  for (let nth = 0; nth < count; nth++) yield { from };
}

/** Sends the messages of both while the agent is paused, those of the quiet one last. @returns whose messages were handled, in this order */
async function orderOfHandling(tenants: { readonly noisy?: string; readonly quiet?: string }): Promise<readonly string[]> {
  const order: string[] = [];
  const isBusy = Promise.withResolvers<void>();
  const working = defineAgent({
    ...{ id: 'working', version: '1.0.0', description: 'Works.', capabilities, concurrency: CONCURRENCY },
    input: z.object({ from: z.string() }),
    // The first batches end when each has been received: so they are in flight together.
    async handle({ data }) {
      order.push(data.from);
      if (order.length === CONCURRENCY * BATCH_SIZE) isBusy.resolve();
      await isBusy.promise;
    },
  });
  await using mesh = await startMesh({ agents: [working] });
  await mesh.client.pause('working');
  expect((await mesh.client.mapping('working')).state).toBe('disabled');
  await collect(mesh.client.sendMany('working', events('noisy', NOISY), { tenant: tenants.noisy }));
  await collect(mesh.client.sendMany('working', events('quiet', QUIET), { tenant: tenants.quiet }));
  expect(await mesh.client.depth('working', 'inbox')).toMatchObject({ visible: NOISY + QUIET });

  await mesh.client.resume('working');
  await mesh.idle();
  return order;
}

test('a tenant with 100 times the messages of another delays it by the messages in flight, and not by its backlog', async () => {
  const order = await orderOfHandling({ noisy: 'noisy', quiet: 'quiet' });

  expect(order).toHaveLength(NOISY + QUIET);
  expect(order.lastIndexOf('quiet')).toBeLessThan(CONCURRENCY * BATCH_SIZE);
});

test('without tenants, the messages of the quiet one wait behind all those of the noisy one', async () => {
  const order = await orderOfHandling({});

  expect(order).toHaveLength(NOISY + QUIET);
  expect(order.indexOf('quiet')).toBeGreaterThanOrEqual(NOISY - CONCURRENCY * BATCH_SIZE);
});

const anything = z.object({});
const relaying = defineAgent({
  ...{ id: 'relaying', version: '1.0.0', description: 'Passes on.', capabilities, input: anything, sendsTo: ['answering'] },
  handle: async (_message, context) => context.send('answering', {}),
});
const answering = defineAgent({
  ...{ id: 'answering', version: '1.0.0', description: 'Answers when it is asked again.', capabilities, input: anything },
  async handle({ envelope, generation }, context: Context) {
    if (generation === 0) throw new PermanentError('NotYet', 'ask again');
    await context.reply({ tenant: envelope.tenant ?? null });
  },
});

/** The first message of a queue, as SQS has it. */
async function firstOf(mesh: TestMesh, queueName: string) {
  const sqs = new SQSClient({
    endpoint: mesh.endpoint,
    region: mesh.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const QueueUrl = `${mesh.endpoint}/000000000000/${queueName}`;
  const request = { QueueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 0, MessageSystemAttributeNames: ['MessageGroupId' as const] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
  sqs.destroy();
  return Messages[0];
}

test.each([
  ['a tenant is the message group', 'acme', { Attributes: { MessageGroupId: 'acme' } }],
  ['without a tenant there is none', undefined, { Attributes: undefined }],
])('%s of what is sent downstream, redriven and replied', async (_what, tenant, expected) => {
  await using mesh = await startMesh({ agents: [relaying, answering] });
  await mesh.client.send('relaying', {}, { tenant });
  await mesh.idle();

  await mesh.client.pause('answering');
  const redriven = await collect(mesh.client.redrive('answering', 'error'));
  expect(redriven).toMatchObject([{ status: 'redriven', generation: 1 }]);
  const waiting = await firstOf(mesh, inboxName(meshName(), 'answering'));
  await mesh.client.resume('answering');
  await mesh.idle();

  expect(waiting?.Attributes).toEqual(expected.Attributes);
  expect(JSON.parse(waiting?.Body ?? '')).toMatchObject({ source: '/agents/relaying', ...(tenant !== undefined && { tenant }) });
  const reply = await firstOf(mesh, repliesQueueName(meshName()));
  expect(reply?.Attributes).toEqual(expected.Attributes);
  expect(JSON.parse(reply?.Body ?? '')).toMatchObject({ data: { tenant: tenant ?? null } });
});
