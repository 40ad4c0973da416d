import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { until } from './until.ts';

export interface TappedMessage {
  readonly messageId: string;
  readonly body: string;
  /** String message attributes by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Receives and deletes whatever comes to a queue, so that tests beside each other can each wait for their own. */
export class QueueTap {
  readonly messages: TappedMessage[] = [];
  readonly #sqs: SQSClient;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #failure: unknown;

  constructor(sqs: SQSClient, queueUrl: Promise<string>) {
    this.#sqs = sqs;
    this.#running = this.#run(queueUrl).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#failure = error;
    });
  }

  /** The messages that fit, as soon as there are so many. */
  async waitFor(what: string, count: number, fits: (message: TappedMessage) => boolean): Promise<readonly TappedMessage[]> {
    return until(
      what,
      () => {
        if (this.#failure !== undefined) throw new Error('the queue could not be read', { cause: this.#failure });
        const found = this.messages.filter(fits);
        return found.length >= count && found;
      },
      { describe: () => `${this.messages.filter(fits).length} of ${count}` },
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(url: Promise<string>): Promise<void> {
    const QueueUrl = await url;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] }),
        { abortSignal: signal },
      );
      if (Messages.length === 0) continue;
      for (const { MessageId = '', Body = '', MessageAttributes = {} } of Messages) {
        const attributes = Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]));
        this.messages.push({ messageId: MessageId, body: Body, attributes });
      }
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }
}
