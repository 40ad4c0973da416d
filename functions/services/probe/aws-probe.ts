import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { isPausing, mappingState } from '../../../client/mapping/mapping-state.ts';
import { latestSnapshots } from '../../../client/metrics/latest-snapshots.ts';
import { queueDepth } from '../../../client/queues/queue-depth.ts';
import { readItems } from '../../../client/read-items.ts';
import { agentRegistrations } from '../../../client/registry/agent-registrations.ts';
import { type OperatedOffer, parseOperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import { writeRollout, writeWeight } from '../../../client/rollouts/update-offer.ts';
import { METRICS_ENTRIES, type MetricsEntry, shardSeries } from '../../../events/metrics-record.ts';
import { deadLetterQueueName, errorQueueName, inboxName, type MeshName, meshPrefix } from '../../../events/names.ts';
import { LATEST_SERIES, parseSnapshot, SNAPSHOT_RETENTION_MS, type Snapshot, snapshotEntry } from '../../../events/snapshot.ts';
import type { ProbePorts } from './probe-ports.ts';

/** Throttled reads are asked for again so often: some seconds, because other agents wait for their snapshots. */
const MAX_RETRIES = 4;

interface Place {
  readonly mesh: MeshName;
  readonly registryTable: string;
  readonly offersTable: string;
  readonly metricsTable: string;
  /** A queue's URL, with `{queue}` in place of its name. */
  readonly queueUrl: string;
}

interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly logger: ProbePorts['logger'];
}

/** The probe's ports on AWS. */
export function awsProbe({ dynamodb, sqs, lambda, logger }: Clients, place: Place): ProbePorts {
  const { mesh, registryTable, offersTable, metricsTable } = place;
  const depth = (name: string) => queueDepth(sqs, place.queueUrl.replace('{queue}', name));
  return {
    agents: () => agentRegistrations(dynamodb, registryTable),
    async latest() {
      return new Map((await latestSnapshots(dynamodb, metricsTable)).map((latest) => [latest.now.agent, latest]));
    },
    async record(agentId, shards) {
      const keys = Array.from({ length: shards }, (_, shard) =>
        METRICS_ENTRIES.map((entry) => ({ series: { S: shardSeries(agentId, shard) }, entry: { S: entry } })),
      ).flat();
      const read = await readItems(dynamodb, metricsTable, keys, { retries: MAX_RETRIES });
      // By itself, it makes no numbers of those above the safe integers.
      const items = read.map((item) => unmarshall(item, { wrapNumbers: Number }));
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
    // Those of the whole account, a hundred a request: one for each agent would be more than Lambda's control plane takes.
    async mappings() {
      const paused = new Map<string, boolean>();
      for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client: lambda }, {})) {
        for (const { EventSourceArn = '', State } of EventSourceMappings) {
          const queue = EventSourceArn.slice(EventSourceArn.lastIndexOf(':') + 1);
          if (queue.startsWith(`${meshPrefix(mesh)}-`)) paused.set(queue, isPausing(mappingState(State)));
        }
      }
      return (agentId) => paused.get(inboxName(mesh, agentId));
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
    async judge({ id, capabilities }, health) {
      await Promise.all(
        capabilities.map((capability) =>
          dynamodb
            .send(
              new UpdateItemCommand({
                TableName: offersTable,
                Key: marshall({ capability, agent: id }),
                UpdateExpression: 'SET health = :health',
                // The registry has not written it yet, or has removed it.
                ConditionExpression: 'attribute_exists(revision)',
                ExpressionAttributeValues: marshall({ ':health': JSON.stringify(health) }),
              }),
            )
            .catch((error: unknown) => {
              if (!(error instanceof ConditionalCheckFailedException)) throw error;
            }),
        ),
      );
    },
    async offers() {
      const offers: OperatedOffer[] = [];
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: offersTable, ConsistentRead: true }))
        offers.push(...Items.flatMap((item) => parseOperatedOffer(unmarshall(item)) ?? []));
      return offers;
    },
    setWeight: (offer, weight) => writeWeight({ dynamodb, table: offersTable }, offer, weight),
    writeRollout: (offer, rollout, last) => writeRollout({ dynamodb, table: offersTable }, offer, rollout, last),
    async forget(agentId) {
      await dynamodb.send(new DeleteItemCommand({ TableName: metricsTable, Key: marshall({ series: LATEST_SERIES, entry: agentId }) }));
    },
    now: () => Date.now(),
    logger,
  };
}

const itemSchema = z.object({ value: z.string() });
