import { BatchGetItemCommand, DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { awsClientOptions } from '../../cli/aws-client-options.ts';
import { type ContentBucket, contentBucket } from '../../cli/content-bucket.ts';
import { sqsClient } from '../../cli/queues.ts';
import type { Settings } from '../../cli/settings.ts';
import { type LedgerRecord, messageKey, type Outcome, unopenedKey } from '../../events/ledger-record.ts';
import { inboxName, ledgerTableName, meshName, TRACE_INDEX_NAME } from '../../events/names.ts';
import { fromItem } from '../../functions/runtime/aws/ledger-item.ts';
import { QueueTap } from './queue-tap.ts';
import { until } from './until.ts';

/** A record that has its outcome. */
export type Ended = LedgerRecord & { readonly outcome: Outcome };

const hopSchema = z.object({
  messageKey: z.string(),
  agent: z.string(),
  outcome: z.optional(z.enum(['processed', 'rejected', 'dead-lettered'])),
  generation: z.number(),
});

/** One message at one agent, as the trace index tells. */
export type Hop = z.output<typeof hopSchema>;

interface AwaitedOutcome {
  /** @default 0 */
  readonly generation?: number;
}

/** A mesh as its producers and operators see it: by AWS APIs only, wherever it runs. */
export class AwsMesh implements AsyncDisposable {
  readonly settings: Settings;
  readonly sqs: SQSClient;
  readonly content: ContentBucket;
  readonly #dynamodb: DynamoDBClient;
  readonly #urls = new Map<string, Promise<string>>();
  readonly #taps = new Map<string, QueueTap>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.sqs = sqsClient(settings);
    this.content = contentBucket(settings);
    this.#dynamodb = new DynamoDBClient(awsClientOptions(settings));
  }

  queueUrl(queueName: string): Promise<string> {
    const known = this.#urls.get(queueName);
    if (known !== undefined) return known;
    const asked = this.sqs.send(new GetQueueUrlCommand({ QueueName: queueName })).then(({ QueueUrl = '' }) => QueueUrl);
    this.#urls.set(queueName, asked);
    return asked;
  }

  /** Puts bodies (text as it is, objects as JSON) into an agent's inbox. @returns the ids that SQS gave them */
  async send(agentId: string, bodies: readonly (string | object)[]): Promise<readonly string[]> {
    const QueueUrl = await this.queueUrl(inboxName(meshName({ stage: this.settings.stage }), agentId));
    const texts = bodies.map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
    const batches: (readonly string[])[] = [];
    // A request has room for 1 MiB: large bodies go alone.
    const perRequest = texts.some((text) => text.length > 100_000) ? 1 : 10;
    for (let start = 0; start < texts.length; start += perRequest) batches.push(texts.slice(start, start + perRequest));
    const sent: string[] = [];
    for (const batch of batches) {
      const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Successful = [], Failed = [] } = await this.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} messages: ${Failed[0]?.Message}`);
      const ids = new Map(Successful.map(({ Id, MessageId = '' }) => [Id, MessageId]));
      sent.push(...batch.map((_body, index) => ids.get(String(index)) ?? ''));
    }
    return sent;
  }

  async records(messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
    const table = ledgerTableName(meshName({ stage: this.settings.stage }));
    const found: LedgerRecord[] = [];
    for (let start = 0; start < messageKeys.length; start += 100) {
      const Keys = messageKeys.slice(start, start + 100).map((key) => ({ messageKey: { S: key } }));
      const { Responses } = await this.#dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      found.push(...(Responses?.[table] ?? []).map(fromItem));
    }
    return found;
  }

  /** The message's outcome of a generation, as soon as there is one. @param generation @default 0 */
  outcomeOf(agentId: string, source: string, id: string, options: AwaitedOutcome = {}): Promise<Ended> {
    return this.#outcomeAt(messageKey(agentId, source, id), options);
  }

  /** The outcome of what is no envelope, by the id that SQS gave it. */
  outcomeOfUnopened(agentId: string, sqsMessageId: string, options: AwaitedOutcome = {}): Promise<Ended> {
    return this.#outcomeAt(unopenedKey(agentId, sqsMessageId), options);
  }

  async #outcomeAt(key: string, { generation = 0 }: AwaitedOutcome): Promise<Ended> {
    let last: LedgerRecord | undefined;
    return until(
      `an outcome of ${key}, generation ${generation}`,
      async () => {
        [last] = await this.records([key]);
        return last?.generation === generation && hasEnded(last) && last;
      },
      { describe: () => JSON.stringify(last) ?? 'it is not in the ledger' },
    );
  }

  /** The outcomes of many messages, in their order. */
  async outcomesOf(agentId: string, source: string, ids: readonly string[]): Promise<readonly Ended[]> {
    const ended = new Map<string, Ended>();
    const keys = ids.map((id) => messageKey(agentId, source, id));
    await until(
      `outcomes of ${ids.length} messages at ${agentId}`,
      async () => {
        for (const record of await this.records([...new Set(keys)].filter((key) => !ended.has(key))))
          if (hasEnded(record)) ended.set(record.messageKey, record);
        return keys.every((key) => ended.has(key));
      },
      { describe: () => `${ended.size} have one` },
    );
    return keys.flatMap((key) => ended.get(key) ?? []);
  }

  /** Every hop of a trace. */
  async journey(traceId: string): Promise<readonly Hop[]> {
    const pages = paginateQuery(
      { client: this.#dynamodb },
      {
        TableName: ledgerTableName(meshName({ stage: this.settings.stage })),
        IndexName: TRACE_INDEX_NAME,
        KeyConditionExpression: 'traceId = :traceId',
        ExpressionAttributeValues: { ':traceId': { S: traceId } },
      },
    );
    const hops: Hop[] = [];
    for await (const { Items = [] } of pages) hops.push(...Items.map((item) => hopSchema.parse(unmarshall(item))));
    return hops;
  }

  /** Visible, delayed and in flight. */
  async depth(queueName: string): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: await this.queueUrl(queueName), AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  /** Takes everything off a queue from now on, and keeps it for whoever waits for a message of it. */
  tap(queueName: string): QueueTap {
    const tap = this.#taps.get(queueName) ?? new QueueTap(this.sqs, this.queueUrl(queueName));
    this.#taps.set(queueName, tap);
    return tap;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#taps.values()].map((tap) => tap.stop()));
    this.sqs.destroy();
    this.#dynamodb.destroy();
  }
}

function hasEnded(record: LedgerRecord): record is Ended {
  return record.outcome !== undefined;
}
