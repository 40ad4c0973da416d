import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Queue, QueueMessage, VisibilityChange } from '../ports.ts';

/** Queues on SQS. */
export class SqsQueue implements Queue {
  readonly #client: SQSClient;

  constructor(client: SQSClient) {
    this.#client = client;
  }

  async send(queueUrl: string, messages: readonly QueueMessage[]): Promise<readonly (undefined | Error)[]> {
    const { Failed } = await this.#client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map(({ body, attributes }, index) => ({
          Id: String(index),
          MessageBody: body,
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        })),
      }),
    );
    return answers(messages.length, Failed);
  }

  async changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<readonly (undefined | Error)[]> {
    const { Failed } = await this.#client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queueUrl,
        Entries: changes.map(({ receiptHandle, delaySeconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: delaySeconds,
        })),
      }),
    );
    return answers(changes.length, Failed);
  }
}

function answers(count: number, failed: readonly BatchResultErrorEntry[] = []): (undefined | Error)[] {
  const errors = new Map(failed.map(({ Id, Code, Message }) => [Id, new Error(`${Code}: ${Message ?? 'no reason given'}`)]));
  return Array.from({ length: count }, (_, index) => errors.get(String(index)));
}
