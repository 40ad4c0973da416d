import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';

const dataSchema = z.object({
  kind: z.enum(['plain', 'forked', 'unlucky', 'unwanted', 'doomed']),
  /** What the agent before made up. */
  nonce: z._default(z.string(), ''),
});

/** Long enough for a process to be killed in it. */
const MAX_WORK_MS = 20;

/** A link of the chain. Each handling sends something else, so the messages downstream identify the committed one. */
export function chainAgent<const Next extends string = never>(id: string, options: { readonly next?: Next; readonly exclusive?: boolean }) {
  const { next, exclusive = false } = options;
  return defineAgent({
    id,
    version: '1.0.0',
    description: 'A link of a chain.',
    capabilities: [{ id, name: id, description: 'Passes on what it gets.', tags: ['test'] }],
    input: dataSchema,
    sendsTo: next === undefined ? [] : [next],
    timeoutSeconds: 3,
    concurrency: 2,
    exclusive,

    async handle({ data: { kind, nonce: received }, attempt }, context) {
      await setTimeout(Math.random() * MAX_WORK_MS);
      if (kind === 'doomed' && id === 'receiving') throw new TransientError('Doomed', 'it fails every time');
      if (kind === 'unlucky' && id === 'enriching' && attempt === 1) throw new TransientError('Unlucky', 'it fails once');
      if (kind === 'unwanted' && id === 'enriching') throw new PermanentError('Unwanted', 'it is not wanted here');

      const nonce = crypto.randomUUID();
      const copies = kind === 'forked' && id === 'receiving' ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (next === undefined) await context.reply({ kind, nonce });
        else await context.send(next, { kind, nonce });
      }
      return { received };
    },
  });
}
