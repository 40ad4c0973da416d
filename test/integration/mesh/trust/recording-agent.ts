import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';

const inputSchema = z.object({
  /** Whether it sends a message to `archive`. */
  forwards: z._default(z.boolean(), false),
  /** Whether `scanner` sends one to an agent that no stack of the test has. */
  exports: z._default(z.boolean(), false),
  /** Whether it rejects the message as long as the test's control service reports a bug. */
  breaks: z._default(z.boolean(), false),
});

/** An agent that no stack of the tests has: who makes its queue reads what is sent to it. */
export const ABROAD = 'abroad';

const visitSchema = z.object({ isBroken: z.boolean() });

function targetsOf(id: string): readonly ('archive' | typeof ABROAD)[] {
  if (id === 'scanner') return ['archive', ABROAD];
  return id === 'archive' ? [] : ['archive'];
}

/** An agent that reports each handling to the test's control service, and returns who it was told the sender is. */
export function recordingAgent<const Id extends string>(id: Id) {
  return defineAgent({
    id,
    version: '1.0.0',
    description: 'Records who sent what.',
    capabilities: [{ id, name: id, description: 'Records.', tags: ['test'] }],
    input: inputSchema,
    sendsTo: targetsOf(id),
    actions: { file: { types: ['document.uploaded'] }, purge: { types: ['document.expired'] } },
    environment: { CONTROL_URL: 'http://127.0.0.1:9' },
    // No handling is cut off on a busy machine: each message is handled once.
    timeoutSeconds: 120,

    async handle({ data }, context) {
      const answer = await fetch(`${process.env.CONTROL_URL}?key=${encodeURIComponent(context.idempotencyKey)}`);
      const { isBroken } = visitSchema.parse(await answer.json());
      if (data.breaks && isBroken) throw new PermanentError('Unwanted', 'it is not wanted here');
      if (data.forwards) await context.send('archive', {}, { type: 'document.expired' });
      if (data.exports) await context.send(ABROAD, {}, { type: 'document.expired' });
      const { name, onBehalfOf } = context.sender;
      return { name, ...(onBehalfOf !== undefined && { onBehalfOf }) };
    },
  });
}
