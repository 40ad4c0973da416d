import { expect, test } from 'vitest';
import { readFailedMessage } from '../../../../client/failed/failed-message.ts';
import { hasId } from '../../../../client/index.ts';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { ERROR_QUEUE_URL, recordOf, startProcess } from './testing-agent.ts';

test('a copy over 1 MiB is found by the id of its event, whatever characters that has', async () => {
  const ports = new MemoryPorts();
  const id = 'grö\ufffeße-1';
  const text = 'x'.repeat(1_048_400);
  const deliver = startProcess(ports, {
    handle: async () => {
      throw new PermanentError('Refused', 'not this one');
    },
  });

  await deliver(createMessage(id, { text }));

  const [copy] = ports.sentTo(ERROR_QUEUE_URL);
  const attributes = Object.entries(copy?.attributes ?? {});
  const MessageAttributes = Object.fromEntries(attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
  const message = readFailedMessage({ MessageId: 'sqs-1', Body: copy?.body ?? '', MessageAttributes });
  // SQS takes ten.
  expect(attributes.length).toBeLessThanOrEqual(10);
  expect(message).toMatchObject({ source: '/tests', failure: { code: 'Refused', original: { uri: expect.stringMatching(/^s3:/) } } });
  expect(hasId(message, id)).toBe(true);
  expect(hasId(message, 'another')).toBe(false);
});

test('what is recorded of a failed connection says where to', async () => {
  const ports = new MemoryPorts();
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 9_999 });
  const deliver = startProcess(ports, {
    handle: async () => {
      throw new TypeError('fetch failed', { cause: refused });
    },
  });

  await deliver(createMessage('a'));

  expect(recordOf(ports, 'a')?.attempts).toMatchObject([
    { kind: 'transient', code: 'ECONNREFUSED', reason: 'fetch failed: ECONNREFUSED 127.0.0.1:9999' },
  ]);
});
