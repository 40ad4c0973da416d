import { type Action, type AgentDefinition, type Content, content, defineAgent, type Envelope, type Metadata, type Sender } from 'posthorn';
import { expectTypeOf } from 'vitest';
import * as zod from 'zod';
import * as z from 'zod/mini';

// `npm run check` compiles this file: each line that must not compile is marked, and an unused mark is an error itself.

const card = {
  id: 'greeting',
  version: '1.0.0',
  description: 'Greets people by name.',
  capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: ['demo'] }],
};

// An agent may receive replies, or not; nothing in between.
defineAgent({ ...card, input: z.unknown(), receivesReplies: true, async handle() {} });
// @ts-expect-error -- a list of agents is not needed
defineAgent({ ...card, input: z.unknown(), receivesReplies: ['billing'], async handle() {} });

// The message's data is what the schema makes of it, with zod/mini, with zod, and with a document.
const agent = defineAgent({
  ...card,
  input: z.object({ name: z.string(), times: z._default(z.number(), 1) }),
  async handle(message) {
    expectTypeOf(message.data).toEqualTypeOf<{ name: string; times: number }>();
    expectTypeOf(message.metadata).toEqualTypeOf<Metadata>();
    expectTypeOf(message.envelope).toEqualTypeOf<Envelope>();
    expectTypeOf(message.subject).toEqualTypeOf<string | undefined>();
    // @ts-expect-error -- a message is read, not written
    message.id = 'other';
  },
});
defineAgent({
  ...card,
  input: zod.object({ at: zod.coerce.date() }),
  async handle({ data }) {
    expectTypeOf(data.at).toEqualTypeOf<Date>();
  },
});
defineAgent({
  ...card,
  input: content('text/plain'),
  async handle({ data }) {
    expectTypeOf(data).toEqualTypeOf<Content>();
    expectTypeOf(await data.text()).toEqualTypeOf<string>();
  },
});

// A definition has every default filled in, and any agent is an AgentDefinition.
expectTypeOf(agent.concurrency).toEqualTypeOf<number>();
expectTypeOf(agent.sendsTo).toEqualTypeOf<readonly never[]>();
expectTypeOf(agent).toExtend<AgentDefinition>();
// @ts-expect-error -- it is frozen
agent.version = '2.0.0';

// Required properties are required, and unknown options are refused.
// @ts-expect-error -- no input
defineAgent({ ...card, async handle() {} });
// @ts-expect-error -- no handler
defineAgent({ ...card, input: z.string() });
// @ts-expect-error -- not a schema
defineAgent({ ...card, input: String, async handle() {} });
defineAgent({
  ...card,
  input: z.string(),
  // @ts-expect-error -- misspelled
  timeoutSecond: 30,
  async handle() {},
});
defineAgent({
  ...card,
  input: z.string(),
  // A part of the policy is enough.
  retry: { maxRetries: 5 },
  async handle() {},
});
// @ts-expect-error -- a document has at least one media type
content();

// A handler may ask for the actions of its definition only.
const archive = defineAgent({
  ...card,
  input: z.string(),
  actions: { keep: { types: ['document.written'], allow: ['steward'] }, destroy: {} },
  async handle(_message, context) {
    expectTypeOf(context.authorize).parameters.toEqualTypeOf<['keep' | 'destroy']>();
    expectTypeOf(context.authorize('keep')).toEqualTypeOf<void>();
    context.authorize('destroy');
    // @ts-expect-error -- no such action
    context.authorize('destory');
    // @ts-expect-error -- the action of all other types, which the mesh has already checked
    context.authorize('handle');
    expectTypeOf(context.sender).toEqualTypeOf<Sender>();
    expectTypeOf(context.sender.name).toEqualTypeOf<string>();
    expectTypeOf(context.sender.senderId).toEqualTypeOf<string>();
    expectTypeOf(context.sender.onBehalfOf).toEqualTypeOf<string | undefined>();
    // @ts-expect-error -- the sender is read, not written
    context.sender = { name: 'agent:other', senderId: 'AROAOTHER', onBehalfOf: undefined };
    // @ts-expect-error -- nor are its parts
    context.sender.name = 'agent:other';
  },
});
expectTypeOf(archive.actions).toEqualTypeOf<{ readonly keep?: Action; readonly destroy?: Action }>();
expectTypeOf(archive).toExtend<AgentDefinition>();
defineAgent({
  ...card,
  input: z.string(),
  async handle(_message, context) {
    expectTypeOf(context.authorize).parameters.toEqualTypeOf<[never]>();
    // @ts-expect-error -- an agent without actions has none to ask for
    context.authorize('keep');
    expectTypeOf(context.sender).toEqualTypeOf<Sender>();
  },
});
// @ts-expect-error -- one type is a list of one
defineAgent({ ...card, input: z.string(), actions: { keep: { types: 'document.written' } }, async handle() {} });
// @ts-expect-error -- misspelled
defineAgent({ ...card, input: z.string(), actions: { keep: { allows: ['steward'] } }, async handle() {} });

// `classify` gives a classification or leaves it to the mesh.
defineAgent({ ...card, input: z.string(), classify: () => undefined, async handle() {} });
// @ts-expect-error -- not a kind
defineAgent({ ...card, input: z.string(), classify: () => ({ kind: 'fatal', code: 'X' }), async handle() {} });
