import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { LATEST_SERIES, type LatestSnapshot, parseLatestSnapshot } from '../../events/snapshot.ts';
import { queryItems } from '../query-items.ts';

const itemSchema = z.object({ value: z.string() });

/**
 * The latest snapshot of each agent that has one, by one query, in alphabetical order of the agents.
 *
 * @param table of metrics
 * @param agent only this one's. @default all
 */
export async function latestSnapshots(dynamodb: DynamoDBClient, table: string, agent?: string): Promise<readonly LatestSnapshot[]> {
  const sort = agent === undefined ? undefined : (['entry', agent] as const);
  const items = await queryItems(dynamodb, { table, partition: ['series', LATEST_SERIES], sort });
  return items.map((item) => parseLatestSnapshot(itemSchema.parse(item).value));
}
