import * as z from 'zod/mini';
import { AUTHORIZATION_ATTRIBUTE } from '../../../events/access-record.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { type Failure, failureAttributes } from '../../../events/failure-attributes.ts';
import { type LedgerRecord, type OutgoingMessage, outgoingMessageSchema } from '../../../events/ledger-record.ts';
import { audienceOf } from '../../../events/names.ts';
import { tenantOf } from '../../../events/tenant-of.ts';
import { sizeOf } from '../batch/coalesce.ts';
import { decodeUtf8 } from '../content/content-access.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { QueueMessage } from '../ports.ts';
import type { Runtime } from '../runtime.ts';
import { sendInSpan } from '../tracing/send-in-span.ts';

type DispatchRuntime = Pick<Runtime, 'io' | 'contentAccess' | 'directory' | 'settings' | 'tokens'>;

/**
 * Sends the messages of a committed record, and is safe to repeat: a processed message's outbox with the ids it
 * was committed with, a failed one's copy to its queue.
 *
 * @throws Interrupted when not everything is known to be sent; the message is redelivered and dispatched again
 */
export async function dispatch(delivery: Delivery, record: LedgerRecord, runtime: DispatchRuntime): Promise<void> {
  try {
    if (record.outcome === 'processed') await sendOutbox(delivery, record, runtime);
    else if (isFailed(record)) {
      const queueUrl = record.outcome === 'rejected' ? runtime.settings.errorQueueUrl : runtime.settings.deadLetterQueueUrl;
      const copy = await copyOf(delivery, record, runtime);
      await sendInSpan(delivery, { queueUrl, body: copy.body }, () => runtime.io.send(queueUrl, copy));
    }
  } catch (cause) {
    throw new Interrupted(`${record.messageKey} is ${record.outcome}, but not all of its messages are sent yet`, { cause });
  }
}

type FailedRecord = LedgerRecord & { readonly outcome: Failure['outcome'] };

const isFailed = (record: LedgerRecord): record is FailedRecord => record.outcome === 'rejected' || record.outcome === 'dead-lettered';

const storedOutbox = z.array(outgoingMessageSchema);

async function sendOutbox(delivery: Delivery, record: LedgerRecord, runtime: DispatchRuntime): Promise<void> {
  const { io, contentAccess, directory } = runtime;
  const outbox: readonly OutgoingMessage[] = record.outboxRef
    ? storedOutbox.parse(JSON.parse(decodeUtf8(await contentAccess.read(record.outboxRef))))
    : (record.outbox ?? []);
  await Promise.all(
    outbox.map(async ({ to, body, reply }, index) => {
      const send = (target: string | undefined) => {
        const queueUrl = target === undefined ? directory.repliesQueueUrl : directory.inbox(target);
        return sendInSpan(delivery, { queueUrl, body, index }, async () =>
          io.send(queueUrl, { body, attributes: await credentialFor(target, runtime), group: tenantOf(body) }),
        );
      };
      try {
        await send(to);
      } catch (error) {
        if (reply !== true) throw error;
        const { acceptRefusal } = await import('./refused-reply.ts');
        acceptRefusal(error, to, delivery, runtime.settings);
        await send(undefined);
      }
    }),
  );
}

/** Attached as the message is sent, and kept nowhere: a message that is sent again gets a new one. */
async function credentialFor(target: string | undefined, { settings, tokens }: DispatchRuntime): Promise<Readonly<Record<string, string>>> {
  if (target === undefined || settings.authentication !== 'jwt') return {};
  return { [AUTHORIZATION_ATTRIBUTE]: await tokens.token(audienceOf(settings.meshPrefix, target)) };
}

/** The message as it was received, byte for byte, with its failure in message attributes. */
async function copyOf(delivery: Delivery, record: FailedRecord, { contentAccess }: DispatchRuntime): Promise<QueueMessage> {
  const failure: Failure = {
    outcome: record.outcome,
    code: record.error?.code ?? '',
    reason: record.error?.reason ?? '',
    agent: record.agent,
    generation: record.generation,
    attempts: record.attempts.length,
    failedAt: new Date(record.endedAt ?? delivery.startedAt).toISOString(),
    ...(delivery.isRefused && { sender: record.sender }),
  };
  const copy = { body: delivery.sqsRecord.body, attributes: failureAttributes(failure) };
  if (sizeOf(copy) <= MAX_MESSAGE_BYTES) return copy;
  const { uri } = await contentAccess.store(Buffer.from(delivery.sqsRecord.body), 'application/octet-stream');
  const { id: eventId, source: eventSource } = delivery.isOpened ? delivery.envelope : {};
  return { body: '{}', attributes: failureAttributes({ ...failure, original: { uri, eventId, eventSource } }) };
}
