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
    const answer = await this.#client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map(({ body, attributes, group }, index) => ({
          Id: String(index),
          MessageBody: body,
          ...(group !== undefined && { MessageGroupId: group }),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        })),
      }),
    );
    return answers(messages.length, answer);
  }

  async changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<readonly (undefined | Error)[]> {
    const answer = await this.#client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queueUrl,
        Entries: changes.map(({ receiptHandle, delaySeconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: delaySeconds,
        })),
      }),
    );
    return answers(changes.length, answer);
  }
}

interface BatchAnswer {
  readonly Successful: readonly { readonly Id: string | undefined }[] | undefined;
  readonly Failed: readonly BatchResultErrorEntry[] | undefined;
}

/** An entry is done only if SQS names it as successful: one that it does not name may be lost. */
function answers(count: number, { Successful = [], Failed = [] }: BatchAnswer): (undefined | Error)[] {
  const done = new Set(Successful.map(({ Id }) => Id));
  const errors = new Map(Failed.map(({ Id, Code, Message }) => [Id, new Error(`${Code}: ${Message ?? 'no reason given'}`)]));
  return Array.from({ length: count }, (_, index) => {
    const id = String(index);
    return errors.get(id) ?? (done.has(id) ? undefined : new Error('SQS gave no answer for it'));
  });
}
