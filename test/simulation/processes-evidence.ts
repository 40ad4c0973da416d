import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { awsClientOptions } from '../../client/aws-client-options.ts';
import type { AwsMesh } from '../helpers/aws-mesh.ts';

/** What the producer sent. */
export interface Produced {
  readonly source: string;
  readonly id: string;
  readonly kind: string;
  readonly body: string;
}

/** A ledger item, as far as it is documented. */
export type FoundRecord = z.output<typeof itemSchema>;

/** A message of an error queue or dead-letter queue. */
export interface FailedCopy {
  readonly agent: string;
  readonly queue: 'errors' | 'dlq';
  readonly body: string;
  readonly outcome: string | undefined;
  readonly code: string | undefined;
  readonly attempts: number;
}

/** All that a run left behind. */
export interface Evidence {
  readonly produced: readonly Produced[];
  readonly records: readonly FoundRecord[];
  /** Bodies, repetitions included. */
  readonly replies: readonly string[];
  readonly failed: readonly FailedCopy[];
  readonly leftInInboxes: Readonly<Record<string, number>>;
}

const itemSchema = z.pipe(
  z.object({
    messageKey: z.string(),
    agent: z.string(),
    outcome: z.optional(z.string()),
    error: z.optional(z.object({ code: z.string() })),
    attempts: z.array(z.unknown()),
    outbox: z._default(z.array(z.object({ to: z.optional(z.string()), body: z.string() })), []),
    result: z._default(z.string(), '{}'),
  }),
  z.transform(({ messageKey, agent, outcome, error, attempts, outbox, result }) => ({
    messageKey,
    agent,
    outcome,
    code: error?.code,
    attempts: attempts.length,
    outbox,
    /** The input that the committed handling reported. */
    received: z.object({ received: z.optional(z.string()) }).parse(JSON.parse(result)).received,
  })),
);

/** Reads it by AWS APIs, and empties the queues doing so: once, when all is quiet. */
export async function collectEvidence(mesh: AwsMesh, agents: readonly string[], produced: readonly Produced[]): Promise<Evidence> {
  const leftInInboxes = Object.fromEntries(
    await Promise.all(agents.map(async (agent) => [agent, await mesh.depth(`posthorn-dev-${agent}-inbox`)] as const)),
  );
  const replies = (await drain(mesh, 'posthorn-dev-replies')).map(({ body }) => body);
  const failed: FailedCopy[] = [];
  for (const agent of agents) {
    for (const queue of ['errors', 'dlq'] as const) {
      for (const { body, attributes } of await drain(mesh, `posthorn-dev-${agent}-${queue}`)) {
        const { 'posthorn-outcome': outcome, 'posthorn-code': code, 'posthorn-attempts': attempts } = attributes;
        failed.push({ agent, queue, body, outcome, code, attempts: Number(attempts) });
      }
    }
  }
  return { produced, records: await scanLedger(mesh), replies, failed, leftInInboxes };
}

async function scanLedger(mesh: AwsMesh): Promise<readonly FoundRecord[]> {
  const client = new DynamoDBClient(awsClientOptions(mesh.settings));
  const records: FoundRecord[] = [];
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: 'posthorn-dev-ledger', ConsistentRead: true }))
      records.push(...Items.map((item) => itemSchema.parse(unmarshall(item))));
    return records;
  } finally {
    client.destroy();
  }
}

async function drain(mesh: AwsMesh, queueName: string) {
  const QueueUrl = await mesh.queueUrl(queueName);
  const drained: { readonly body: string; readonly attributes: Readonly<Record<string, string | undefined>> }[] = [];
  while ((await mesh.depth(queueName)) > 0) {
    const { Messages = [] } = await mesh.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) continue;
    for (const { Body = '', MessageAttributes = {} } of Messages) {
      const attributes = Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]));
      drained.push({ body: Body, attributes });
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await mesh.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return drained;
}
