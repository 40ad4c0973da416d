import * as z from 'zod/mini';
import type { AgentDefinition, RetryPolicy } from '../../../../functions/runtime/agent/agent.ts';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { exitAt } from './exit-at.ts';

const step = z.enum([
  'succeed',
  'transient',
  'permanent',
  'unknown',
  'hang',
  'loop',
  'exit',
  'exit-after-commit',
  'exit-before-send',
  'exit-after-send',
  'while-broken',
]);

const inputSchema = z.object({
  /** What the first, second, ... handling of the message does; the last entry holds for all further ones. */
  steps: z._default(z.array(step).check(z.minLength(1)), ['succeed']),
  /** Messages sent to `counting` where the handling succeeds. */
  forwards: z._default(z.int(), 0),
  replies: z._default(z.boolean(), false),
});

const visitSchema = z.object({ visit: z.int(), isBroken: z.boolean() });

export interface ScriptedOptions {
  readonly id: string;
  readonly timeoutSeconds: number;
  readonly concurrency?: number;
  readonly exclusive?: boolean;
  readonly retry?: Partial<RetryPolicy>;
}

/** An agent whose messages contain its instructions. It reports each handling to the test's control service. */
export function scriptedAgent({ id, ...options }: ScriptedOptions): AgentDefinition<typeof inputSchema, 'counting'> {
  return defineAgent({
    ...options,
    id,
    version: '1.0.0',
    description: 'Does what its message says.',
    capabilities: [{ id, name: id, description: 'Fails as told.', tags: ['test'] }],
    input: inputSchema,
    sendsTo: ['counting'],
    environment: { CONTROL_URL: 'http://127.0.0.1:9' },

    async handle({ data, id: messageId, attempt }, context) {
      const answer = await fetch(`${process.env.CONTROL_URL}?key=${encodeURIComponent(context.idempotencyKey)}`);
      const { visit, isBroken } = visitSchema.parse(await answer.json());
      switch (data.steps[Math.min(visit, data.steps.length) - 1]) {
        case 'transient':
          throw new TransientError('Unlucky', `attempt ${attempt} fails`);
        case 'permanent':
          throw new PermanentError('Unwanted', 'it is not wanted here');
        case 'unknown':
          throw new TypeError('a bug');
        case 'while-broken':
          if (isBroken) throw new TypeError('a bug that will be mended');
          break;
        case 'hang':
          await new Promise(() => {});
          break;
        case 'loop':
          // As an endless loop does, without using the processor that other tests need.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          break;
        case 'exit':
          process.exit(1);
          break;
        case 'exit-after-commit':
          exitAt('after-commit');
          break;
        case 'exit-before-send':
          exitAt('before-send');
          break;
        case 'exit-after-send':
          exitAt('after-send');
          break;
      }
      // Each handling sends something else, so the messages downstream identify the committed one.
      const nonce = crypto.randomUUID();
      for (let index = 0; index < data.forwards; index++) await context.send('counting', { parent: messageId, index, nonce });
      if (data.replies) await context.reply({ parent: messageId, nonce });
      return { visit, nonce };
    },
  });
}
