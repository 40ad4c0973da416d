import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { parseSnapshot, type Snapshot } from '../../events/snapshot.ts';

/** The last hour and a half, some 200 KB. */
const PAGE = 100;

/** A day of them, at one a minute. */
const MAX_SNAPSHOTS = 1_440;

const itemSchema = z.object({ value: z.string() });

/** The snapshots of an agent, newest first, some 1,440 of them at most. It reads as it is iterated. */
export async function* snapshotsOf(dynamodb: DynamoDBClient, mesh: MeshName, agent: string): AsyncGenerator<Snapshot, void, undefined> {
  const pages = paginateQuery(
    { client: dynamodb, pageSize: PAGE },
    {
      TableName: metricsTableName(mesh),
      KeyConditionExpression: '#series = :series',
      ExpressionAttributeNames: { '#series': 'series' },
      ExpressionAttributeValues: { ':series': { S: agent } },
      ScanIndexForward: false,
    },
  );
  let seen = 0;
  for await (const { Items = [] } of pages) {
    for (const item of Items) yield parseSnapshot(itemSchema.parse(unmarshall(item)).value);
    seen += Items.length;
    if (seen >= MAX_SNAPSHOTS) return;
  }
}
