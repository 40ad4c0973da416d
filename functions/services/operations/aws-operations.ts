import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { MeshName } from '../../../events/names.ts';
import { agentRegistrationSchema } from '../../../events/registration.ts';
import { LATEST_SERIES, parseLatestSnapshot } from '../../../events/snapshot.ts';
import type { OperationsPorts } from './operations-ports.ts';

interface Place {
  readonly mesh: MeshName;
  readonly registryTable: string;
  readonly metricsTable: string;
}

/** The service's ports on AWS. They only read. */
export function awsOperations(dynamodb: DynamoDBClient, { mesh, registryTable, metricsTable }: Place): OperationsPorts {
  const agents = async (id?: string) => {
    const values = await query(dynamodb, { table: registryTable, key: 'kind', value: 'agent', sortKey: 'id', sortValue: id });
    return values.map((value) => agentRegistrationSchema.parse(JSON.parse(value)));
  };
  const latest = async (id?: string) => {
    const values = await query(dynamodb, { table: metricsTable, key: 'series', value: LATEST_SERIES, sortKey: 'entry', sortValue: id });
    return values.map(parseLatestSnapshot);
  };
  return {
    agents: () => agents(),
    agent: async (id) => (await agents(id))[0],
    latest: () => latest(),
    latestOf: async (id) => (await latest(id))[0],
    async *journey(id, source) {
      // Prometheus, which asks most often, needs none of it.
      const { MeshClient } = await import('../../../client/mesh-client.ts');
      const client = new MeshClient(mesh);
      try {
        yield* client.journey(id, { source });
      } finally {
        await client[Symbol.asyncDispose]();
      }
    },
  };
}

interface Wanted {
  readonly table: string;
  readonly key: string;
  readonly value: string;
  readonly sortKey: string;
  /** @default all */
  readonly sortValue: string | undefined;
}

const itemSchema = z.object({ value: z.string() });

/** @returns the attribute `value` of each item, in the order of the sort key */
async function query(dynamodb: DynamoDBClient, { table, key, value, sortKey, sortValue }: Wanted): Promise<readonly string[]> {
  const isOne = sortValue !== undefined;
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: table,
      KeyConditionExpression: `#key = :value${isOne ? ' AND #sortKey = :sortValue' : ''}`,
      ExpressionAttributeNames: { '#key': key, ...(isOne && { '#sortKey': sortKey }) },
      ExpressionAttributeValues: { ':value': { S: value }, ...(isOne && { ':sortValue': { S: sortValue } }) },
    },
  );
  const values: string[] = [];
  for await (const { Items = [] } of pages) values.push(...Items.map((item) => itemSchema.parse(unmarshall(item)).value));
  return values;
}
