import { content, defineAgent, PermanentError, TransientError } from 'posthorn';
import { startMesh } from 'posthorn/testing';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';

const text = z.object({ name: z.string().check(z.minLength(1)) });
const capabilities = [{ id: 'tested', name: 'Tested', description: 'Is tested.', tags: [] }];

const greeting = defineAgent({
  ...{ id: 'greeting', version: '1.0.0', description: 'Greets.', capabilities, input: text },
  async handle({ data }, context) {
    await context.reply({ text: `Hello, ${data.name}!` });
    return { greeted: data.name };
  },
});

const asking = defineAgent({
  ...{ id: 'asking', version: '1.0.0', description: 'Asks greeting.', capabilities, input: text, sendsTo: ['greeting'] },
  async handle({ data }, context) {
    await context.send('greeting', data);
  },
});

test('a message goes from its inbox to its outcome and its reply, in this process', async () => {
  await using mesh = await startMesh({ agents: [greeting] });

  const { id } = await mesh.send('greeting', { name: 'Ada' });
  const record = await mesh.outcomeOf(id);

  expect(record).toMatchObject({ outcome: 'processed', result: { greeted: 'Ada' }, attempts: [] });
  expect(await mesh.replies()).toMatchObject([{ type: 'greeting.reply', data: { text: 'Hello, Ada!' }, causationId: id }]);
});

test('a copy is handled once and replied to once; a chain is over when the mesh is idle', async () => {
  await using mesh = await startMesh({ agents: [greeting, asking] });

  const { id } = await mesh.send('asking', { name: 'Ada' });
  await mesh.send('asking', { name: 'Ada' }, { id });
  await mesh.idle();

  expect(await mesh.replies()).toMatchObject([{ data: { text: 'Hello, Ada!' } }]);
  expect((await mesh.outcomeOf(id)).outcome).toBe('processed');
});

test('a message to an agent that is not in the mesh waits in its inbox', async () => {
  await using mesh = await startMesh({ agents: [asking] });

  const { id } = await mesh.send('asking', { name: 'Ada' });

  expect((await mesh.outcomeOf(id)).outcome).toBe('processed');
  await mesh.idle();
  expect(await mesh.client.depth('greeting', 'inbox')).toMatchObject({ visible: 1 });
});

const curious = (receivesReplies: boolean) =>
  defineAgent({
    ...{ id: 'curious', version: '1.0.0', description: 'Asks whoever can greet.', capabilities, calls: ['greetings'], receivesReplies },
    input: z.union([text, z.object({ greeting: z.string() })]),
    async handle({ data }, context) {
      if ('greeting' in data) return { heard: data.greeting };
      await context.send({ capability: 'greetings' }, data, { replyTo: 'curious' });
      return undefined;
    },
  });

const polite = (id: string, version: string) =>
  defineAgent({
    ...{ id, version, description: 'Greets.', input: text },
    capabilities: [{ id: 'greetings', name: 'Greetings', description: 'Greets.', tags: [] }],
    async handle({ data }, context) {
      await context.reply({ greeting: `Hello, ${data.name}, from ${id}` });
    },
  });

test('an agent that receives replies asks by capability, and gets the answer as a message', async () => {
  await using mesh = await startMesh({ agents: [curious(true), polite('polite-v2', '2.0.0'), polite('polite-v1', '1.2.0')] });

  const { id } = await mesh.send('curious', { name: 'Ada' });
  await mesh.idle();
  const { outbox } = await mesh.outcomeOf(id);
  const request = JSON.parse(outbox?.[0]?.body ?? '');
  const [asked] = await mesh.client.records([`polite-v1 /agents/curious ${request.id}`]);
  const reply = JSON.parse(asked?.outbox?.[0]?.body ?? '');

  expect(await mesh.client.records([`curious /agents/polite-v1 ${reply.id}`])).toMatchObject([
    { outcome: 'processed', result: { heard: 'Hello, Ada, from polite-v1' } },
  ]);
  expect(await mesh.replies()).toEqual([]);
});

test('an agent that receives none is answered in the replies queue, which is logged', async () => {
  await using mesh = await startMesh({ agents: [curious(false), polite('polite-v1', '1.0.0')] });

  await mesh.send('curious', { name: 'Ada' });
  await mesh.idle();

  expect(await mesh.replies()).toMatchObject([{ data: { greeting: 'Hello, Ada, from polite-v1' } }]);
  expect(mesh.logs.filter(({ level }) => level === 'warn').map(({ fields }) => fields.replyto)).toEqual(['curious']);
});

test('a message to a capability that no agent offers waits in an inbox of its name', async () => {
  await using mesh = await startMesh({ agents: [curious(true)] });

  const { id } = await mesh.send('curious', { name: 'Ada' });

  expect((await mesh.outcomeOf(id)).outbox).toMatchObject([{ to: 'greetings' }]);
  await mesh.idle();
  expect(await mesh.client.depth('greetings', 'inbox')).toMatchObject({ visible: 1 });
});

test('failures end as they do on AWS: rejected, or retried and dead-lettered, with their attempts', async () => {
  const failing = defineAgent({
    ...{ id: 'failing', version: '1.0.0', description: 'Fails.', capabilities, input: text, retry: { maxRetries: 1 } },
    async handle({ data }) {
      if (data.name === 'permanent') throw new PermanentError('Wrong', 'it is wrong');
      throw new TransientError('Later', 'not now');
    },
  });
  await using mesh = await startMesh({ agents: [failing] });

  const ids = await Promise.all(['permanent', 'transient', ''].map((name) => mesh.send('failing', { name })));
  const [permanent, transient, invalid] = await Promise.all(ids.map(({ id }) => mesh.outcomeOf(id)));

  expect(permanent).toMatchObject({ outcome: 'rejected', error: { code: 'Wrong' } });
  expect(transient).toMatchObject({ outcome: 'dead-lettered', attempts: [{ code: 'Later' }, { code: 'Later' }] });
  expect(invalid).toMatchObject({ outcome: 'rejected', error: { code: 'ValidationError' } });
  expect(mesh.logs.map(({ message }) => message)).toContain('message audited');
});

test('content is stored and fetched, and large data of a reply comes back whole', async () => {
  const counting = defineAgent({
    ...{ id: 'counting', version: '1.0.0', description: 'Counts.', capabilities, input: content('text/plain') },
    async handle({ data }, context) {
      await context.reply({ text: await data.text() });
    },
  });
  await using mesh = await startMesh({ agents: [counting] });
  const page = 'a'.repeat(20_000);
  const claim = await mesh.client.content.put(Buffer.from(page), 'text/plain');

  const { id } = await mesh.send('counting', undefined, { ...claim, datacontenttype: 'text/plain' });
  await mesh.outcomeOf(id);

  expect(await mesh.replies()).toMatchObject([{ data: { text: page } }]);
});

test('what does not come in time is an error that tells what is known of the message', async () => {
  const never = Promise.withResolvers<void>();
  const hanging = defineAgent({
    ...{ id: 'hanging', version: '1.0.0', description: 'Hangs.', capabilities, input: text, timeoutSeconds: 900 },
    handle: () => never.promise,
  });
  await using mesh = await startMesh({ agents: [hanging], timeoutSeconds: 1 });

  const { id } = await mesh.send('hanging', { name: 'Ada' });

  await expect(mesh.outcomeOf(id)).rejects.toThrow(
    /not within 1 s: the outcome of .* at hanging\. It has no ledger record\. The inbox has 0 messages, and 1 in flight\./,
  );
  never.resolve();
});

test('mistakes are named: an id twice, an agent that is not there, an id that was not sent, a prefix that cannot be', async () => {
  await expect(startMesh({})).rejects.toThrow('startMesh takes either agents or app');
  await expect(startMesh({ agents: [greeting], app: '.' })).rejects.toThrow('startMesh takes either agents or app');
  await expect(startMesh({ agents: [greeting], agentEnvironment: {} })).rejects.toThrow('agentEnvironment is for app');
  await expect(startMesh({ agents: [greeting, greeting] })).rejects.toThrow("agents: two agents have the id 'greeting'");
  await expect(startMesh({ agents: [greeting], prefix: 'Has Space' })).rejects.toThrow("prefix 'Has Space'");
  await using mesh = await startMesh({ agents: [greeting] });

  await expect(mesh.send('greetin', {})).rejects.toThrow("no agent 'greetin'");
  await expect(mesh.outcomeOf('nobody')).rejects.toThrow("id 'nobody'");
});

test('waitFor gives what it asked for, after the invocation that made it so', async () => {
  await using mesh = await startMesh({ agents: [greeting] });

  const waiting = mesh.waitFor('two replies', async () => (await mesh.replies()).length === 2);
  await mesh.send('greeting', { name: 'Ada' });
  await mesh.send('greeting', { name: 'Grace' });

  expect(await waiting).toBe(true);
});
