import { type BatchResultErrorEntry, type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pRetry from 'p-retry';
import { NotSentError } from '../errors.ts';
import { groupOf } from './group-of.ts';

/** SQS's limit. */
export const MESSAGES_PER_REQUEST = 10;

/** How often the failed entries of a request are retried. The SDK retries whole requests. */
const RETRIES = 5;

/** SQS accepted some of a request's entries and may accept the others later. */
class PartlySent extends Error {
  override readonly name = 'PartlySent';
}

/** The id that SQS assigned to a message, or the reason why SQS did not accept it. */
export type Delivered = { readonly messageId: string } | { readonly error: NotSentError };

/**
 * Sends messages in one request, and retries those that failed by SQS's fault.
 *
 * @param bodies at most ten, of 1 MiB together with the attributes
 * @param attributes of each message
 * @returns the result of each, in the order of `bodies`
 * @throws the SDK's error when a request fails; some of the messages may have been sent
 */
export async function deliver(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  attributes: Readonly<Record<string, MessageAttributeValue>>,
  signal: AbortSignal | undefined,
): Promise<readonly Delivered[]> {
  const results = new Map<number, Delivered>();
  let waiting = bodies.map((body, index) => ({ Id: String(index), MessageBody: body, MessageAttributes: attributes, ...groupOf(body) }));
  const attempt = async () => {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: waiting });
    const { Successful = [], Failed = [] } = await sqs.send(command, signal === undefined ? {} : { abortSignal: signal });
    for (const { Id, MessageId = '' } of Successful) results.set(Number(Id), { messageId: MessageId });
    for (const failure of Failed) results.set(Number(failure.Id), { error: notSent(failure) });
    const retriable = new Set(Failed.filter(({ SenderFault }) => SenderFault !== true).map(({ Id }) => Id));
    waiting = waiting.filter(({ Id }) => retriable.has(Id));
    if (waiting.length > 0) throw new PartlySent(`SQS did not accept ${waiting.length} messages`);
  };
  try {
    await pRetry(attempt, {
      retries: RETRIES,
      minTimeout: 200,
      randomize: true,
      ...(signal !== undefined && { signal }),
      shouldRetry: ({ error }) => error instanceof PartlySent,
    });
  } catch (error) {
    if (!(error instanceof PartlySent)) throw error;
  }
  return bodies.map((_body, index) => results.get(index) ?? { error: new NotSentError('was not accepted by SQS: no answer') });
}

const notSent = ({ Code, Message }: BatchResultErrorEntry): NotSentError =>
  new NotSentError(`was not accepted by SQS: ${Code}${Message ? `: ${Message}` : ''}`);
