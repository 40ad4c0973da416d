import type { Message } from '../functions/runtime/agent/agent.ts';

/**
 * A message as a handler gets it: deduplicated, validated, on its first attempt.
 *
 * @param data the output of the agent's input schema
 * @param overrides other fields of the message, e.g. `{ attempt: 2, metadata: { language: 'en' } }`
 * @example
 * ```ts
 * const message = fakeMessage({ name: 'Ada' }, { attempt: 2 });
 * ```
 */
export function fakeMessage<Data>(data: Data, overrides: Partial<Message<Data>> = {}): Message<Data> {
  const { id = 'm-1', source = '/test', type = 'test', time = '2026-01-01T00:00:00Z' } = overrides;
  return {
    id,
    source,
    type,
    time,
    subject: undefined,
    data,
    metadata: {},
    correlationId: id,
    generation: 0,
    attempt: 1,
    envelope: { specversion: '1.0', id, source, type, time },
    ...overrides,
  };
}
