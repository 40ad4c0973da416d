import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { TableChangedError } from '../errors.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import type { Tables } from './tables.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const indexesSchema = z
  .array(z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.record(z.string(), z.unknown()) }))
  .default([]);
const tableSchema = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: indexesSchema,
  LocalSecondaryIndexes: indexesSchema,
});
const describedSchema = z.object({ Table: tableSchema.extend({ TableStatus: z.string() }) });

type Table = z.output<typeof tableSchema>;

/**
 * Finds the tables that do not exist yet. Creates nothing.
 *
 * @throws TableChangedError for a table that exists with other keys or indexes
 */
export async function missingTables(resources: readonly PlannedResource[], tables: Tables): Promise<readonly PlannedResource[]> {
  const missing: PlannedResource[] = [];
  for (const resource of resources.filter(isTable)) {
    const existing = await describe(resource.physicalName, tables);
    if (existing === undefined) missing.push(resource);
    else if (fingerprint(existing) !== fingerprint(tableSchema.parse(resource.properties)))
      throw new TableChangedError(resource.physicalName);
  }
  return missing;
}

/** Creates a table and waits until it is usable. */
export async function createTable({ physicalName, properties }: PlannedResource, tables: Tables): Promise<void> {
  const wanted = tableSchema.parse(properties);
  const { status, body } = await tables.execute('CreateTable', {
    TableName: physicalName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: wanted.KeySchema,
    AttributeDefinitions: wanted.AttributeDefinitions,
    ...(wanted.GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes } : {}),
    ...(wanted.LocalSecondaryIndexes.length > 0 ? { LocalSecondaryIndexes: wanted.LocalSecondaryIndexes } : {}),
  });
  if (status !== 200) throw new Error(`Table ${physicalName} could not be created: ${JSON.stringify(body)}`);
  while ((await describe(physicalName, tables))?.TableStatus !== 'ACTIVE') await setTimeout(1);
}

const isTable = ({ type }: PlannedResource) => type === 'AWS::DynamoDB::Table' || type === 'AWS::DynamoDB::GlobalTable';

async function describe(name: string, tables: Tables): Promise<z.output<typeof describedSchema>['Table'] | undefined> {
  const { status, body } = await tables.execute('DescribeTable', { TableName: name });
  return status === 200 ? describedSchema.parse(body).Table : undefined;
}

/** The properties that cannot change without replacing a table, in a fixed order. */
function fingerprint({ KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes }: Table): string {
  const indexes = (list: z.output<typeof indexesSchema>) =>
    list
      .map(({ IndexName, KeySchema: keys, Projection: { ProjectionType, NonKeyAttributes = [] } }) =>
        JSON.stringify([IndexName, keys, ProjectionType, z.array(z.string()).parse(NonKeyAttributes).toSorted()]),
      )
      .toSorted();
  return JSON.stringify([KeySchema, indexes(GlobalSecondaryIndexes), indexes(LocalSecondaryIndexes)]);
}
