import { type BatchResultErrorEntry, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pRetry from 'p-retry';
import type { Prepared, Refused } from './prepare.ts';

/** Retries of the part of a request that SQS did not take; those of whole requests are the SDK's. */
const RETRIES = 5;

/** A message that could not be sent now and may be later. */
class PartlySent extends Error {
  override readonly name = 'PartlySent';
}

/**
 * Sends messages in one request, and those again that SQS failed to take for reasons of its own.
 *
 * @returns those that SQS does not take
 * @throws the SDK's error when no request gets through; some of the messages may have been sent
 */
export async function deliver(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly Prepared[],
  signal: AbortSignal,
): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  let waiting = messages;
  let failures: readonly BatchResultErrorEntry[] = [];
  const refuse = (message: Prepared, failure: BatchResultErrorEntry | undefined): Refused => ({
    position: message.position,
    // With the id that it was given: sending the file of failed items twice is recognised as the same event.
    line: message.body,
    reason: `was not taken by SQS: ${failure?.Code ?? 'no answer'}${failure?.Message ? `: ${failure.Message}` : ''}`,
    endOffset: message.endOffset,
  });
  const attempt = async () => {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: waiting.map((message, index) => ({ Id: String(index), MessageBody: message.body })),
    });
    const { Failed } = await sqs.send(command, { abortSignal: signal });
    failures = Failed ?? [];
    const sentNow = waiting;
    const retriable = failures.filter((failure) => failure.SenderFault !== true);
    for (const failure of failures) {
      const message = sentNow[Number(failure.Id)];
      if (failure.SenderFault === true && message !== undefined) refused.push(refuse(message, failure));
    }
    waiting = retriable.flatMap((failure) => sentNow[Number(failure.Id)] ?? []);
    failures = retriable;
    if (waiting.length > 0) throw new PartlySent(`${waiting.length} messages were not taken`);
  };
  try {
    await pRetry(attempt, {
      retries: RETRIES,
      minTimeout: 200,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof PartlySent,
    });
  } catch (error) {
    if (!(error instanceof PartlySent)) throw error;
  }
  return [...refused, ...waiting.map((message, index) => refuse(message, failures[index]))];
}
