import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { LATEST_SERIES, type LatestSnapshot, parseLatestSnapshot } from '../../events/snapshot.ts';

const itemSchema = z.object({ value: z.string() });

/** The latest snapshot of each agent, by one query, in alphabetical order of the agents. */
export async function latestSnapshots(dynamodb: DynamoDBClient, mesh: MeshName): Promise<readonly LatestSnapshot[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: metricsTableName(mesh),
      KeyConditionExpression: '#series = :series',
      ExpressionAttributeNames: { '#series': 'series' },
      ExpressionAttributeValues: { ':series': { S: LATEST_SERIES } },
    },
  );
  const found: LatestSnapshot[] = [];
  for await (const { Items = [] } of pages)
    found.push(...Items.map((item) => parseLatestSnapshot(itemSchema.parse(unmarshall(item)).value)));
  return found;
}
