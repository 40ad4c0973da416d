import * as z from 'zod/mini';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { sizeOf } from './coalesce.ts';
import { decodeUtf8 } from './content-access.ts';
import { Interrupted } from './interrupted.ts';
import type { LedgerRecord, OutgoingMessage } from './ledger-record.ts';
import type { Passage } from './passage.ts';
import type { QueueMessage } from './ports.ts';
import type { Runtime } from './runtime.ts';

type DispatchRuntime = Pick<Runtime, 'io' | 'contentAccess' | 'directory' | 'settings'>;

/**
 * Sends what a committed record says is to be sent, and is safe to repeat: a processed message's outbox with the ids it
 * was committed with, a failed one's copy to its queue.
 *
 * @throws Interrupted when not everything is known to be sent; the message comes again and is dispatched again
 */
export async function dispatch(passage: Passage, record: LedgerRecord, runtime: DispatchRuntime): Promise<void> {
  try {
    if (record.outcome === 'processed') await sendOutbox(record, runtime);
    else if (record.outcome === 'rejected') await runtime.io.send(runtime.settings.errorQueueUrl, await copyOf(passage, record, runtime));
    else if (record.outcome === 'dead-lettered')
      await runtime.io.send(runtime.settings.deadLetterQueueUrl, await copyOf(passage, record, runtime));
  } catch (cause) {
    throw new Interrupted(`${record.messageKey} is ${record.outcome}, but what it sends could not all be sent yet`, { cause });
  }
}

const storedOutbox = z.array(z.object({ to: z.optional(z.string()), body: z.string() }));

async function sendOutbox(record: LedgerRecord, { io, contentAccess, directory }: DispatchRuntime): Promise<void> {
  const outbox = record.outboxRef
    ? storedOutbox.parse(JSON.parse(decodeUtf8(await contentAccess.read(record.outboxRef))))
    : (record.outbox ?? []);
  await Promise.all(
    outbox.map(({ to, body }: { readonly to?: OutgoingMessage['to'] | undefined; readonly body: string }) =>
      io.send(to === undefined ? directory.repliesQueueUrl : directory.inbox(to), { body, attributes: {} }),
    ),
  );
}

/** The message as it came, byte for byte, with what is known of its failure in message attributes. */
async function copyOf(passage: Passage, record: LedgerRecord, { contentAccess }: DispatchRuntime): Promise<QueueMessage> {
  const attributes = {
    'posthorn-outcome': record.outcome ?? '',
    'posthorn-code': attributeValue(record.error?.code),
    'posthorn-reason': attributeValue(record.error?.reason),
    'posthorn-agent': record.agent,
    'posthorn-generation': String(record.generation),
    'posthorn-attempts': String(record.attempts.length),
    'posthorn-failedat': new Date(record.endedAt ?? passage.startedAt).toISOString(),
  };
  const copy = { body: passage.record.body, attributes };
  if (sizeOf(copy) <= MAX_MESSAGE_BYTES) return copy;
  const original = await contentAccess.store(Buffer.from(passage.record.body), 'application/octet-stream');
  return { body: '{}', attributes: { ...attributes, 'posthorn-original': original.uri } };
}

const MAX_ATTRIBUTE_CHARACTERS = 1_024;

/** SQS refuses empty values and characters that XML 1.0 has no form for. @see https://www.w3.org/TR/REC-xml/#charsets */
export function attributeValue(text = ''): string {
  const legal = text.slice(0, MAX_ATTRIBUTE_CHARACTERS).replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  return legal === '' ? '-' : legal;
}
