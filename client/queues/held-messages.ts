import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';

export interface ReceiveOptions {
  /** @default 10, SQS's maximum */
  readonly max?: number;
  /** How long a message stays hidden if this process dies before it gives it back. */
  readonly hiddenSeconds: number;
  /** How long SQS waits for a first message. From 1 s up it asks all of its servers, so an empty answer means an empty queue. */
  readonly waitSeconds: number;
}

/** Messages received from a queue. They are hidden from other readers until this deletes them or gives them back. */
export class HeldMessages {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  /** By SQS's id. A message that is received again gets a new receipt handle, which invalidates the old one. */
  readonly #receiptHandles = new Map<string, string>();

  constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /**
   * Receives messages and holds them. The request cannot be aborted, because the messages of an unread answer would stay hidden.
   *
   * @returns all messages received, and in `fresh` those that were not held before
   */
  async receive({ max = 10, hiddenSeconds, waitSeconds }: ReceiveOptions): Promise<ReceivedMessages> {
    const { Messages: all = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: Math.min(10, max),
        VisibilityTimeout: hiddenSeconds,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SenderId', 'SentTimestamp', 'ApproximateReceiveCount'],
      }),
    );
    const fresh = all.filter(({ MessageId = '' }) => !this.#receiptHandles.has(MessageId));
    for (const { MessageId = '', ReceiptHandle = '' } of all) this.#receiptHandles.set(MessageId, ReceiptHandle);
    return { all, fresh };
  }

  /** Deletes messages from the queue. @returns those that SQS did not delete; they are still held */
  async delete(messageIds: readonly string[]): Promise<readonly string[]> {
    await this.#inTens(messageIds, async (Entries) => {
      const { Successful = [] } = await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
      for (const { Id } of Successful) this.#receiptHandles.delete(messageIds[Number(Id)] ?? '');
    });
    return messageIds.filter((id) => this.#receiptHandles.has(id));
  }

  /** Makes all held messages visible again. @returns how many could not be, because their visibility timeout had ended */
  async makeVisible(): Promise<number> {
    let stillHidden = 0;
    await this.#inTens([...this.#receiptHandles.keys()], async (held) => {
      const Entries = held.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      const { Failed = [] } = await this.#sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
      stillHidden += Failed.length;
    });
    this.#receiptHandles.clear();
    return stillHidden;
  }

  /** @param request gets entries whose `Id` is the index in `messageIds` */
  async #inTens(
    messageIds: readonly string[],
    request: (entries: { readonly Id: string; readonly ReceiptHandle: string }[]) => Promise<void>,
  ): Promise<void> {
    const entries = messageIds.map((id, index) => ({ Id: String(index), ReceiptHandle: this.#receiptHandles.get(id) ?? '' }));
    const starts = Array.from({ length: Math.ceil(entries.length / 10) }, (_, nth) => nth * 10);
    await pMap(starts, (start) => request(entries.slice(start, start + 10)), { concurrency: 10, stopOnError: false });
  }
}

export interface ReceivedMessages {
  readonly all: readonly Message[];
  readonly fresh: readonly Message[];
}
