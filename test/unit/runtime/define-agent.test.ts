import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import type { CapabilityTarget } from '../../../functions/runtime/agent/agent.ts';
import { defineAgent } from '../../../functions/runtime/agent/define-agent.ts';

const least = {
  id: 'greeting',
  version: '1.0.0',
  description: 'Greets.',
  capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: ['demo'] }],
  input: z.object({ name: z.string() }),
  handle: async () => undefined,
};

describe('defineAgent', () => {
  it('fills in the defaults, and freezes', () => {
    const agent = defineAgent(least);

    expect(agent).toEqual({
      ...least,
      sendsTo: [],
      calls: [],
      receivesReplies: false,
      actions: {},
      retry: { maxRetries: 3, baseDelaySeconds: 1, maxDelaySeconds: 900 },
      concurrency: 10,
      latencyGoalSeconds: 30,
      timeoutSeconds: 30,
      memoryMb: 512,
      exclusive: false,
      environment: {},
      classify: undefined,
    });
    expect(Object.isFrozen(agent)).toBe(true);
  });

  it('keeps the given options', () => {
    const options = {
      ...least,
      retry: { maxRetries: 0 },
      concurrency: 2,
      timeoutSeconds: 900,
      memoryMb: 10_240,
      exclusive: true,
      receivesReplies: true,
      environment: { URL: 'x' },
    };

    expect(defineAgent(options)).toMatchObject({ ...options, retry: { maxRetries: 0, baseDelaySeconds: 1, maxDelaySeconds: 900 } });
  });

  it('gives the handler the type that the schema makes, and the targets of the definition', () => {
    defineAgent({
      ...least,
      input: z.object({ n: z.pipe(z.string(), z.transform(Number)) }),
      sendsTo: ['other'],
      async handle({ data }, context) {
        expectTypeOf(data).toEqualTypeOf<{ n: number }>();
        expectTypeOf(context.send).parameter(0).toEqualTypeOf<'other' | CapabilityTarget<never>>();
      },
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['an unknown option', { timeout: 30 }, 'timeout'],
    ['an unknown option of retry', { retry: { retries: 3 } }, 'retry'],
    ['no id', { id: undefined }, 'id'],
    ['capitals in the id', { id: 'Greeting' }, 'id'],
    ['a long id', { id: 'x'.repeat(49) }, 'id'],
    ['a version that is none', { version: '1' }, 'version'],
    ['no description', { description: '' }, 'description'],
    ['no capability', { capabilities: [] }, 'capabilities'],
    ['a capability without tags', { capabilities: [{ id: 'greeting', name: 'x', description: 'x' }] }, 'capabilities[0].tags'],
    ['an input that is no schema', { input: {} }, 'input'],
    ['a target that is no agent', { sendsTo: ['Other'] }, 'sendsTo[0]'],
    ['nine retries', { retry: { maxRetries: 9 } }, 'retry.maxRetries'],
    ['half a retry', { retry: { maxRetries: 0.5 } }, 'retry.maxRetries'],
    ['no delay', { retry: { baseDelaySeconds: 0 } }, 'retry.baseDelaySeconds'],
    ['a delay over twelve hours', { retry: { maxDelaySeconds: 43_201 } }, 'retry.maxDelaySeconds'],
    ['one batch at a time', { concurrency: 1 }, 'concurrency'],
    ['no goal', { latencyGoalSeconds: 0 }, 'latencyGoalSeconds'],
    ['a goal above the longest time that SQS hides a message', { latencyGoalSeconds: 43_201 }, 'latencyGoalSeconds'],
    ['more than fifteen minutes', { timeoutSeconds: 901 }, 'timeoutSeconds'],
    ['little memory', { memoryMb: 64 }, 'memoryMb'],
    ['exclusive of another type', { exclusive: 'yes' }, 'exclusive'],
    ['receivesReplies of another type', { receivesReplies: 'yes' }, 'receivesReplies'],
    ["the mesh's own environment", { environment: { POSTHORN_STAGE: 'x' } }, 'environment'],
    ["Lambda's own environment", { environment: { AWS_REGION: 'x' } }, 'environment'],
    ['a classify that is no function', { classify: 'x' }, 'classify'],
    ['no handler', { handle: undefined }, 'handle'],
  ])('refuses %s, naming it', (_what, overrides, name) => {
    expect(() => defineAgent({ ...least, ...overrides })).toThrow(TypeError);
    expect(() => defineAgent({ ...least, ...overrides })).toThrow(name);
  });

  it('names the agent that is wrong', () => {
    expect(() => defineAgent({ ...least, memoryMb: 1 })).toThrow("agent 'greeting'");
  });
});
