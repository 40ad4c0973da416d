import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inboxOf, MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { envelopesTo, recordOf, startProcess } from './testing-agent.ts';

const OTHER = inboxOf('other');

describe('Content that an agent stores', () => {
  it('is there under its digest once, and can be sent on by reference', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        const bytes = Buffer.from('# Report');
        const reference = await context.store(bytes, 'text/markdown');
        bytes.fill(0);
        expect(await context.store('# Report', 'text/markdown')).toEqual(reference);
        await context.send('other', undefined, { content: reference });
        return reference;
      },
    });

    await deliver(createMessage('a'));

    const hex = createHash('sha256').update('# Report').digest('hex');
    expect(ports.requests.put).toBe(1);
    expect(ports.stored.get(`sha-256/${hex}`)).toEqual(new Uint8Array(Buffer.from('# Report')));
    expect(recordOf(ports, 'a')).toMatchObject({
      result: { uri: `s3://content/sha-256/${hex}`, sizeBytes: 8, contentType: 'text/markdown' },
    });
    expect(envelopesTo(ports, OTHER)).toMatchObject([
      { dataref: `s3://content/sha-256/${hex}`, datasize: 8, datacontenttype: 'text/markdown' },
    ]);
  });

  it('is stored again by a process that has only read it, because the object may expire soon', async () => {
    const ports = new MemoryPorts();
    const large = { text: 'x'.repeat(9_000) };
    await startProcess(ports, { handle: (_message, context) => context.send('other', large) })(createMessage('a'));
    const [envelope] = envelopesTo(ports, OTHER);
    const forward = startProcess(ports, { handle: ({ data }, context) => context.send('other', data) });

    await forward(createMessage('b', undefined, { envelope: { ...envelope, id: 'b', source: '/tests', data: undefined } }));

    expect(ports.requests.put).toBe(2);
  });

  it('that cannot be stored fails the attempt as transient, and an unawaited one does not end the process', async () => {
    const ports = new MemoryPorts();
    ports.faults.put = () => {
      throw new Error('S3 is down');
    };
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    try {
      await startProcess(ports, {
        async handle({ id }, context) {
          const storing = context.store('x', 'text/plain');
          if (id === 'awaited') await storing;
        },
      })(createMessage('awaited'), createMessage('unawaited'));
      await new Promise((resolve) => setImmediate(resolve));

      expect(recordOf(ports, 'awaited')).toMatchObject({ attempts: [{ code: 'ContentStoreUnavailable', kind: 'transient' }] });
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });
});
