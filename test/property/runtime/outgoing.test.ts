import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ContentAccess } from '../../../functions/runtime/content-access.ts';
import { defineAgent } from '../../../functions/runtime/define-agent.ts';
import { PermanentError } from '../../../functions/runtime/errors.ts';
import { makeOutgoing } from '../../../functions/runtime/outgoing.ts';
import { parseEnvelope } from '../../../functions/runtime/parse-envelope.ts';
import { Passage } from '../../../functions/runtime/passage.ts';
import { continueTrace } from '../../../functions/runtime/traceparent.ts';
import { MemoryPorts } from '../../helpers/memory-ports.ts';
import { createRecord } from '../../helpers/records.ts';
import { anyEnvelope } from './arbitraries.ts';

const ports = new MemoryPorts();
const agent = defineAgent({
  id: 'testing',
  version: '1.0.0',
  description: 'Sends.',
  capabilities: [{ id: 'testing', name: 'Testing', description: 'Sends.', tags: [] }],
  input: z.unknown(),
  handle: async () => undefined,
});

function passageOf(envelope: unknown): Passage {
  const passage = new Passage({
    agent,
    record: createRecord(envelope),
    startedAt: 0,
    deadlineAt: 1,
    endsAt: 1,
    createLogger: () => ports.logger,
  });
  passage.open();
  passage.trace = continueTrace(passage.envelope.traceparent, ports.entropy, 0);
  return passage;
}

describe('What is sent', () => {
  const sent = fc.oneof(
    fc.anything(),
    fc.object({ key: fc.constantFrom('__proto__', 'constructor', 'prototype', 'a') }),
    fc.string({ unit: 'binary' }),
    fc.json().map((json) => JSON.parse(json)),
  );

  it('is an envelope that the receiver takes, in characters that SQS takes, with the journey of the one in hand, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(anyEnvelope, sent, fc.nat({ max: 99 }), async (envelope, data, index) => {
        const passage = passageOf(envelope);
        const make = () => makeOutgoing(passage, new ContentAccess(ports.content), index, 0, data, { type: 'testing.sent' });
        try {
          const json = await make();

          expect(json).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
          const { id, correlationid = id, metadata } = passage.envelope;
          const received = parseEnvelope(json);
          expect([received.causationid, received.correlationid, received.metadata]).toEqual([id, correlationid, metadata]);
          expect(await make()).toBe(json);
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          expect(error.code).toBe('UnsendableData');
        }
      }),
      { numRuns: 300 },
    );
  });
});
