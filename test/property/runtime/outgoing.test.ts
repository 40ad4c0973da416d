import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseEnvelope } from '../../../events/parse-envelope.ts';
import { defineAgent } from '../../../functions/runtime/agent/define-agent.ts';
import { makeOutgoing } from '../../../functions/runtime/agent/outgoing.ts';
import { ContentAccess } from '../../../functions/runtime/content/content-access.ts';
import { Delivery } from '../../../functions/runtime/delivery.ts';
import { PermanentError } from '../../../functions/runtime/failure/errors.ts';
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

function passageOf(envelope: unknown): Delivery {
  const delivery = new Delivery({
    agent,
    sqsRecord: createRecord(envelope),
    startedAt: 0,
    deadlineAt: 1,
    endsAt: 1,
    createLogger: () => ports.logger,
  });
  delivery.open();
  delivery.trace = continueTrace(delivery.envelope.traceparent, ports.entropy, 0);
  return delivery;
}

describe('An outgoing message', () => {
  const sent = fc.oneof(
    fc.anything(),
    fc.object({ key: fc.constantFrom('__proto__', 'constructor', 'prototype', 'a') }),
    fc.string({ unit: 'binary' }),
    fc.json().map((json) => JSON.parse(json)),
  );

  it('is an envelope that the receiver accepts, in characters that SQS accepts, on the journey of its cause, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(anyEnvelope, sent, fc.nat({ max: 99 }), async (envelope, data, index) => {
        const delivery = passageOf(envelope);
        const make = () => makeOutgoing(delivery, new ContentAccess(ports.content), index, 0, data, { type: 'testing.sent' });
        try {
          const json = await make();

          expect(json).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
          const { id, correlationid = id, metadata, tenant } = delivery.envelope;
          const received = parseEnvelope(json);
          expect([received.causationid, received.correlationid, received.metadata, received.tenant]).toEqual([
            id,
            correlationid,
            metadata,
            tenant,
          ]);
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
