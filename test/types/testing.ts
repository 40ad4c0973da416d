import { type Content, type Context, content, defineAgent, type Message, type Sender } from 'posthorn';
import { type FakeContextOptions, fakeContent, fakeContext, fakeMessage, startMesh, type TestMesh, type TestReply } from 'posthorn/testing';
import { expectTypeOf } from 'vitest';
import * as z from 'zod/mini';

const capabilities = [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: [] }];

const greeting = defineAgent({
  ...{ id: 'greeting', version: '1.0.0', description: 'Greets people by name.', capabilities, input: z.object({ name: z.string() }) },
  sendsTo: ['letters'],
  async handle() {},
});

defineAgent({
  ...{ id: 'reading', version: '1.0.0', description: 'Reads.', capabilities, input: content('text/plain') },
  async handle() {},
});

expectTypeOf(fakeMessage({ name: 'Ada' })).toEqualTypeOf<Message<{ name: string }>>();
expectTypeOf(fakeContext()).toExtend<Context>();
expectTypeOf(fakeContent('text', 'text/plain')).toEqualTypeOf<Content>();
await greeting.handle(fakeMessage({ name: 'Ada' }), fakeContext());

// A fake context has any sender, and allows any actions.
const archive = defineAgent({
  ...{ id: 'archive', version: '1.0.0', description: 'Keeps documents.', capabilities, input: z.string() },
  actions: { keep: {}, destroy: {} },
  async handle() {},
});
const sender: Sender = { name: 'producer:shop', senderId: 'AROASHOP:session', onBehalfOf: 'ada' };
const context = fakeContext({ sender, allowed: ['keep'] });
expectTypeOf(context.sender).toEqualTypeOf<Sender>();
expectTypeOf(context.authorize).parameters.toEqualTypeOf<[string]>();
expectTypeOf<FakeContextOptions['sender']>().toEqualTypeOf<Sender | undefined>();
expectTypeOf<FakeContextOptions['allowed']>().toEqualTypeOf<readonly string[] | undefined>();
await archive.handle(fakeMessage('text'), context);
// @ts-expect-error -- a sender has all its parts
fakeContext({ sender: { name: 'producer:shop' } });
// @ts-expect-error -- a list
fakeContext({ allowed: 'keep' });
// @ts-expect-error -- misspelled
fakeContext({ allow: ['keep'] });

expectTypeOf(startMesh({ agents: [greeting] })).toEqualTypeOf<Promise<TestMesh>>();
const mesh = await startMesh({ app: '.', stage: 'test' });
expectTypeOf(mesh.replies()).toEqualTypeOf<Promise<readonly TestReply[]>>();
expectTypeOf((await mesh.outcomeOf('id')).outcome).toEqualTypeOf<'processed' | 'rejected' | 'dead-lettered'>();
expectTypeOf(mesh.waitFor('a number', () => (Math.random() > 0.5 ? 1 : undefined))).toExtend<Promise<number>>();
// @ts-expect-error -- agents are definitions
startMesh({ agents: ['greeting'] });
