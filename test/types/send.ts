import { type ContentReference, type Context, defineAgent, type FoundAgent } from 'posthorn';
import { expectTypeOf } from 'vitest';
import * as z from 'zod/mini';

defineAgent({
  id: 'sorting',
  version: '1.0.0',
  description: 'Sends on.',
  capabilities: [{ id: 'sorting', name: 'Sorting', description: 'Sends on.', tags: [] }],
  input: z.unknown(),
  sendsTo: ['letters', 'parcels'],
  calls: ['sorting'],
  async handle(_message, context) {
    expectTypeOf(context).toEqualTypeOf<Context<'letters' | 'parcels', never, 'sorting'>>();
    expectTypeOf(context.send('letters', { any: 'JSON' })).toEqualTypeOf<Promise<void>>();
    await context.send('parcels', undefined, { content: await context.store('text', 'text/plain'), expiresAt: new Date(0) });
    // @ts-expect-error -- not in sendsTo
    await context.send('postcards', {});
    // @ts-expect-error -- no data
    await context.send('letters');
    // @ts-expect-error -- no such option
    await context.send('letters', {}, { delaySeconds: 1 });
    // @ts-expect-error -- a moment, not a text
    await context.reply({}, { expiresAt: '2026-01-01T00:00:00Z' });
    expectTypeOf(context.send({ capability: 'sorting', version: '>=2.0', maxLatencyMs: 100 }, {})).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error -- not in calls
    await context.send({ capability: 'stamping' }, {});
    // @ts-expect-error -- which capability
    await context.send({ version: '>=2.0' }, {});
    expectTypeOf(context.findAgents({ capability: 'sorting', healthy: true, limit: 1 })).toEqualTypeOf<Promise<readonly FoundAgent[]>>();
    // @ts-expect-error -- not in calls
    await context.findAgents({ capability: 'stamping' });
    expectTypeOf(context.store).returns.toEqualTypeOf<Promise<ContentReference>>();
    expectTypeOf(await context.timer('work', () => 1)).toEqualTypeOf<number>();
    expectTypeOf(await context.span('work', async () => 'done')).toEqualTypeOf<string>();
    // @ts-expect-error -- no work
    await context.span('work');
    const llm = context.limit('llm', 4);
    expectTypeOf(await llm(() => 1)).toEqualTypeOf<number>();
    expectTypeOf(await llm(async () => 'done')).toEqualTypeOf<string>();
    // @ts-expect-error -- how many
    context.limit('llm');
    await context.send('letters', {}, { tenant: 'acme' });
    // @ts-expect-error -- a text
    await context.reply({}, { tenant: 7 });
    expectTypeOf(context.usage({ model: 'claude-sonnet-4-5', inputTokens: 812, outputTokens: 96 })).toEqualTypeOf<void>();
    // @ts-expect-error -- the names are those of OpenTelemetry
    context.usage({ model: 'claude-sonnet-4-5', input_tokens: 812, output_tokens: 96 });
    // @ts-expect-error -- nobody knows which model
    context.usage({ inputTokens: 812, outputTokens: 96 });
    expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
  },
});

defineAgent({
  id: 'ending',
  version: '1.0.0',
  description: 'Sends nowhere.',
  capabilities: [{ id: 'ending', name: 'Ending', description: 'Sends nowhere.', tags: [] }],
  input: z.unknown(),
  async handle(_message, context) {
    // @ts-expect-error -- without sendsTo it may send to no agent
    await context.send('letters', {});
    await context.reply({});
  },
});
