import { ChangeMessageVisibilityBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { Settings } from '../../settings.ts';
import { type FailedMessage, readFailedMessage } from './failed-message.ts';

/** What became of a message that was looked at. */
export type Verdict =
  /** It stays in the queue, and is given back when the walk ends. */
  | 'stays'
  /** It was deleted. */
  | 'gone';

export interface WalkOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly settings: Pick<Settings, 'local'>;
  /** Messages looked at before the walk ends. */
  readonly max: number;
  /** How long a message that was looked at stays hidden, should this process die before it gives it back. */
  readonly hiddenSeconds: number;
  readonly signal: AbortSignal;
  /** Asked before each request. @default never */
  readonly isDone?: () => boolean;
}

export interface Walked {
  readonly looked: number;
  /** Whether the queue had no more messages to show. */
  readonly reachedEnd: boolean;
  /** Messages that could not be given back: they come back by themselves. */
  readonly stillHidden: number;
}

/**
 * Long polling asks all of SQS's servers: an empty answer to a short poll may only mean that the wrong ones were asked. An
 * emulator has but one.
 */
const WAIT_SECONDS = 1;

/**
 * Shows every message of a queue once, and gives back what was not deleted.
 *
 * A queue cannot be read without receiving. So a message that was looked at stays hidden until the walk ends, which is also
 * what keeps it from being shown twice, and is then made visible again. Its receive count goes up by one; neither an error
 * queue nor a dead-letter queue has a redrive policy that would act on that.
 */
export async function walkQueue(options: WalkOptions, visit: (message: FailedMessage) => Promise<Verdict>): Promise<Walked> {
  const { sqs, queueUrl, settings, max, hiddenSeconds, signal, isDone } = options;
  const seen = new Set<string>();
  const held: string[] = [];
  let reachedEnd = false;
  let stillHidden = 0;
  try {
    while (seen.size < max && !signal.aborted && isDone?.() !== true) {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(10, max - seen.size),
          VisibilityTimeout: hiddenSeconds,
          WaitTimeSeconds: settings.local ? 0 : WAIT_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        }),
        // An answer that is thrown away would keep its messages hidden: this request is let end.
      );
      const messages = (Messages ?? []).map(readFailedMessage);
      const fresh = messages.filter((message) => !seen.has(message.messageId));
      // Only what was shown comes back: the walk has taken longer than messages stay hidden, or SQS delivered one twice.
      if (fresh.length === 0) {
        reachedEnd = true;
        held.push(...messages.map((message) => message.receiptHandle));
        break;
      }
      for (const message of messages) seen.add(message.messageId);
      held.push(...messages.filter((message) => !fresh.includes(message)).map((message) => message.receiptHandle));
      await pMap(
        fresh,
        async (message) => {
          const index = held.push(message.receiptHandle) - 1;
          if (!signal.aborted && (await visit(message)) === 'gone') held[index] = '';
        },
        { concurrency: 10, stopOnError: false },
      );
    }
  } finally {
    stillHidden = await giveBack(sqs, queueUrl, held.filter(Boolean));
  }
  return { looked: seen.size, reachedEnd, stillHidden };
}

/** @returns how many were not given back, because their time was up already */
async function giveBack(sqs: SQSClient, queueUrl: string, receiptHandles: readonly string[]): Promise<number> {
  const tens: (readonly string[])[] = [];
  for (let start = 0; start < receiptHandles.length; start += 10) tens.push(receiptHandles.slice(start, start + 10));
  const failed = await pMap(
    tens,
    async (handles) => {
      const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
      const { Failed } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      return Failed?.length ?? 0;
    },
    { concurrency: 10 },
  );
  return failed.reduce((sum, count) => sum + count, 0);
}
