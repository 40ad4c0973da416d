import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { leastOptions, recordOf, startAgent } from './testing-agent.ts';

describe('The input schema', () => {
  it('makes the data: the handler gets what it returns', async () => {
    const ports = new MemoryPorts();
    const input = z.object({ n: z.pipe(z.string(), z.transform(Number)), unit: z._default(z.string(), 'kg') });
    const agent = defineAgent({ ...leastOptions, input, handle: async ({ data }) => data });

    await startAgent(ports, agent)(createMessage('a', { n: '7', more: true }));

    expect(recordOf(ports, 'a')).toMatchObject({ result: { n: 7, unit: 'kg' } });
  });

  it('may refuse later, with its own error', async () => {
    const ports = new MemoryPorts();
    const input = z.object({ n: z.number().check(z.refine(async (n) => n > 0, 'must be positive')) });
    const agent = defineAgent({
      ...leastOptions,
      input,
      handle: async () => {
        throw new PermanentError('NotReached', 'handled');
      },
    });

    await startAgent(ports, agent)(createMessage('a', { n: -1 }));

    expect(recordOf(ports, 'a')).toMatchObject({
      error: { code: 'ValidationError', reason: 'data: n: must be positive (it is a number)' },
    });
  });
});
