import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { TableChangedError } from '../errors.ts';
import type { PlannedResource } from '../template/deployment.ts';
import type { QueuesAndBuckets } from './queues-and-buckets.ts';
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

/** What an attribute is if the template does not set it (any more). */
const QUEUE_DEFAULTS = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: String(1024 * 1024),
  ReceiveMessageWaitTimeSeconds: '0',
  RedrivePolicy: '',
};

/** Creates what is not there yet. What is kept from an earlier run keeps its content; queues take on the template's attributes. */
export async function createResources(resources: readonly PlannedResource[], stores: QueuesAndBuckets, tables: Tables): Promise<void> {
  for (const resource of resources) {
    switch (resource.type) {
      case 'AWS::SQS::Queue':
        createQueue(resource, stores);
        break;
      case 'AWS::S3::Bucket':
        stores.s3Store.createBucket(resource.physicalName);
        break;
      case 'AWS::SNS::Topic':
        createTopic(resource, stores);
        break;
      case 'AWS::DynamoDB::Table':
      case 'AWS::DynamoDB::GlobalTable':
        await createTable(resource, tables);
        break;
    }
  }
}

function createQueue({ physicalName, ref, arn, properties }: PlannedResource, { sqsStore }: QueuesAndBuckets): void {
  const { QueueName, ...rest } = properties;
  const attributes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
  const existing = sqsStore.getQueueByArn(arn);
  if (existing === undefined) sqsStore.createQueue(physicalName, ref, arn, attributes);
  else existing.setAttributes({ ...QUEUE_DEFAULTS, ...attributes });
}

function createTopic({ physicalName, arn, properties }: PlannedResource, { snsStore }: QueuesAndBuckets): void {
  const { DisplayName } = properties;
  const region = arn.split(':')[3] ?? '';
  if (snsStore.getTopic(arn) === undefined) {
    snsStore.createTopic(physicalName, DisplayName === undefined ? undefined : { DisplayName: String(DisplayName) }, undefined, region);
  }
}

async function createTable({ physicalName, properties }: PlannedResource, tables: Tables): Promise<void> {
  const wanted = tableSchema.parse(properties);
  const describe = async () => {
    const { status, body } = await tables.execute('DescribeTable', { TableName: physicalName });
    return status === 200 ? describedSchema.parse(body).Table : undefined;
  };
  const existing = await describe();
  if (existing !== undefined) {
    if (fingerprint(existing) !== fingerprint(wanted)) throw new TableChangedError(physicalName);
    return;
  }
  const { status, body } = await tables.execute('CreateTable', {
    TableName: physicalName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: wanted.KeySchema,
    AttributeDefinitions: wanted.AttributeDefinitions,
    ...(wanted.GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes } : {}),
    ...(wanted.LocalSecondaryIndexes.length > 0 ? { LocalSecondaryIndexes: wanted.LocalSecondaryIndexes } : {}),
  });
  if (status !== 200) throw new Error(`Table ${physicalName} could not be created: ${JSON.stringify(body)}`);
  while ((await describe())?.TableStatus !== 'ACTIVE') await setTimeout(1);
}

/** What cannot change without replacing a table, in an order of its own. */
function fingerprint({ KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes }: z.output<typeof tableSchema>): string {
  const indexes = (list: z.output<typeof indexesSchema>) =>
    list
      .map(({ IndexName, KeySchema: keys, Projection: { ProjectionType, NonKeyAttributes = [] } }) =>
        JSON.stringify([IndexName, keys, ProjectionType, z.array(z.string()).parse(NonKeyAttributes).toSorted()]),
      )
      .toSorted();
  return JSON.stringify([KeySchema, indexes(GlobalSecondaryIndexes), indexes(LocalSecondaryIndexes)]);
}
