import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { mappingState } from '../../../client/mapping/mapping-state.ts';
import { queueDepth } from '../../../client/queues/queue-depth.ts';
import { METRICS_ENTRIES, type MetricsEntry, shardSeries } from '../../../events/metrics-record.ts';
import { deadLetterQueueName, errorQueueName, functionName, inboxName, type MeshName } from '../../../events/names.ts';
import { agentRegistrationSchema, registryItemSchema } from '../../../events/registration.ts';
import {
  LATEST_SERIES,
  parseLatestSnapshot,
  parseSnapshot,
  SNAPSHOT_RETENTION_MS,
  type Snapshot,
  snapshotEntry,
} from '../../../events/snapshot.ts';
import type { ProbePorts } from './probe.ts';

/** BatchGetItem takes as many keys. */
const MAX_KEYS = 100;

/** Throttled reads are asked for again so often. */
const MAX_REPEATS = 3;

interface Place {
  readonly mesh: MeshName;
  readonly registryTable: string;
  readonly metricsTable: string;
  /** A queue's URL, with `{queue}` in place of its name. */
  readonly queueUrl: string;
}

/** The probe's ports on AWS. */
interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
}

export function awsProbe({ dynamodb, sqs, lambda }: Clients, place: Place): ProbePorts {
  const { mesh, registryTable, metricsTable } = place;
  const depth = (name: string) => queueDepth(sqs, place.queueUrl.replace('{queue}', name));
  return {
    async agents() {
      const items = await query(dynamodb, registryTable, 'kind', 'agent');
      return items.map((item) => agentRegistrationSchema.parse(JSON.parse(registryItemSchema.parse(item).value)));
    },
    async latest() {
      const items = await query(dynamodb, metricsTable, 'series', LATEST_SERIES);
      return new Map(items.map((item) => itemSchema.parse(item)).map(({ entry, value }) => [entry, parseLatestSnapshot(value)]));
    },
    async record(agentId, shards) {
      const keys = Array.from({ length: shards }, (_, shard) =>
        METRICS_ENTRIES.map((entry) => ({ series: { S: shardSeries(agentId, shard) }, entry: { S: entry } })),
      ).flat();
      const items = await getAll(dynamodb, metricsTable, keys);
      const ofEntry = (wanted: MetricsEntry) => items.filter(({ entry }) => entry === wanted);
      return { totals: ofEntry('totals'), own: ofEntry('own') };
    },
    async queues(agentId): Promise<Snapshot['queues']> {
      const [inbox, errors, deadLetters] = await Promise.all([
        depth(inboxName(mesh, agentId)),
        depth(errorQueueName(mesh, agentId)),
        depth(deadLetterQueueName(mesh, agentId)),
      ]);
      return { inbox, errors, deadLetters };
    },
    async isPaused(agentId) {
      const { EventSourceMappings = [] } = await lambda.send(
        new ListEventSourceMappingsCommand({ FunctionName: functionName(mesh, agentId) }),
      );
      const mapping = EventSourceMappings.find(({ EventSourceArn = '' }) => EventSourceArn.endsWith(`:${inboxName(mesh, agentId)}`));
      return mapping && ['disabled', 'disabling'].includes(mappingState(mapping.State));
    },
    async firstSince(agentId, sinceMs) {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: metricsTable,
          KeyConditionExpression: '#series = :series AND #entry >= :since',
          ExpressionAttributeNames: { '#series': 'series', '#entry': 'entry' },
          ExpressionAttributeValues: marshall({ ':series': agentId, ':since': snapshotEntry(sinceMs) }),
          Limit: 1,
        }),
      );
      const [item] = Items;
      return item && parseSnapshot(itemSchema.parse(unmarshall(item)).value);
    },
    async write(latest) {
      const { agent, at } = latest.now;
      const expiresAt = Math.ceil((at + SNAPSHOT_RETENTION_MS) / 1_000);
      const put = (series: string, entry: string, value: object) =>
        dynamodb.send(
          new PutItemCommand({ TableName: metricsTable, Item: marshall({ series, entry, value: JSON.stringify(value), expiresAt }) }),
        );
      await Promise.all([put(agent, snapshotEntry(at), latest.now), put(LATEST_SERIES, agent, latest)]);
    },
    async forget(agentId) {
      await dynamodb.send(new DeleteItemCommand({ TableName: metricsTable, Key: marshall({ series: LATEST_SERIES, entry: agentId }) }));
    },
    now: () => Date.now(),
  };
}

const itemSchema = z.object({ series: z.string(), entry: z.string(), value: z.string() });

async function query(dynamodb: DynamoDBClient, TableName: string, attribute: string, value: string): Promise<Record<string, unknown>[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName,
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': attribute },
      ExpressionAttributeValues: { ':value': { S: value } },
    },
  );
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item)));
  return items;
}

type Key = Readonly<Record<string, { readonly S: string }>>;

/** @throws Error when DynamoDB leaves keys unread again and again: totals without them would be too low */
async function getAll(
  dynamodb: DynamoDBClient,
  tableName: string,
  keys: readonly Key[],
  repeats = MAX_REPEATS,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  const left: Key[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const Keys = keys.slice(start, start + MAX_KEYS).map((key) => ({ ...key }));
    const { Responses, UnprocessedKeys } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys } } }));
    // By itself, it makes no numbers of those above the safe integers.
    items.push(...(Responses?.[tableName] ?? []).map((item) => unmarshall(item, { wrapNumbers: Number })));
    left.push(...keySchema.parse(UnprocessedKeys?.[tableName]?.Keys ?? []));
  }
  if (left.length === 0) return items;
  if (repeats === 0) throw new Error(`DynamoDB left ${left.length} items of the metrics record unread`);
  return [...items, ...(await getAll(dynamodb, tableName, left, repeats - 1))];
}

const keySchema = z.array(z.record(z.string(), z.object({ S: z.string() })));
