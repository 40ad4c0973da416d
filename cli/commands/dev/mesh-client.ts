import { type AttributeValue, BatchGetItemCommand, DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, GetQueueUrlCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { indexedRecordSchema } from '../../../events/ledger-record.ts';
import { ledgerTableName, repliesQueueName, TRACE_INDEX_NAME } from '../../../events/names.ts';
import { awsClientOptions } from '../../aws-client-options.ts';
import { type ContentBucket, contentBucket } from '../../content-bucket.ts';
import { sqsClient } from '../../queues.ts';
import type { Settings } from '../../settings.ts';
import type { ObservedHop } from './differences.ts';

const hopOf = (item: Record<string, AttributeValue>): ObservedHop => {
  const { messageKey, agent, outcome, error, attempts } = indexedRecordSchema.parse(unmarshall(item));
  return { messageKey, agent, outcome, code: error?.code, attempts: attempts.length };
};

const replySchema = z.object({ id: z.string(), correlationid: z.string() });

/** What following a sample needs of the mesh, by AWS APIs. */
export class MeshClient implements Disposable {
  readonly settings: Settings;
  readonly sqs: SQSClient;
  readonly content: ContentBucket;
  readonly #dynamodb: DynamoDBClient;
  /** Ids of replies by the message that they answer. */
  readonly #replies = new Map<string, Set<string>>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.sqs = sqsClient(settings);
    this.content = contentBucket(settings);
    this.#dynamodb = new DynamoDBClient(awsClientOptions(settings));
  }

  /** Every hop of a trace: one query, wherever its messages are. */
  async journey(traceId: string): Promise<readonly ObservedHop[]> {
    const pages = paginateQuery(
      { client: this.#dynamodb },
      {
        TableName: ledgerTableName(this.settings),
        IndexName: TRACE_INDEX_NAME,
        KeyConditionExpression: 'traceId = :traceId',
        ExpressionAttributeValues: { ':traceId': { S: traceId } },
      },
    );
    const hops: ObservedHop[] = [];
    for await (const { Items = [] } of pages) hops.push(...Items.map(hopOf));
    return hops;
  }

  /** @param messageKeys at most 100 */
  async records(messageKeys: readonly string[]): Promise<readonly ObservedHop[]> {
    if (messageKeys.length === 0) return [];
    const table = ledgerTableName(this.settings);
    const { Responses } = await this.#dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: messageKeys.map((key) => ({ messageKey: { S: key } })) } } }),
    );
    return (Responses?.[table] ?? []).map(hopOf);
  }

  repliesTo(messageIds: ReadonlySet<string>): number {
    return new Set([...messageIds].flatMap((id) => [...(this.#replies.get(id) ?? [])])).size;
  }

  /** Takes replies off the queue until the signal aborts. */
  async collectReplies(signal: AbortSignal): Promise<void> {
    const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand({ QueueName: repliesQueueName(this.settings) }));
    while (!signal.aborted) {
      const { Messages = [] } = await this.sqs
        .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }), { abortSignal: signal })
        .catch((error: unknown) => {
          if (signal.aborted) return { Messages: [] };
          throw error;
        });
      for (const { Body = '' } of Messages) {
        const { id, correlationid } = replySchema.parse(JSON.parse(Body));
        this.#replies.set(correlationid, (this.#replies.get(correlationid) ?? new Set()).add(id));
      }
      if (Messages.length > 0) {
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    }
  }

  [Symbol.dispose](): void {
    this.sqs.destroy();
    this.#dynamodb.destroy();
  }
}
