import { deployedParameter } from '../template/deployed-parameter.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import type { Parameters } from './parameters.ts';
import type { QueuesAndBuckets } from './queues-and-buckets.ts';

/** The attributes' values where the template does not (or no longer) set them. */
const QUEUE_DEFAULTS = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: String(1024 * 1024),
  ReceiveMessageWaitTimeSeconds: '0',
  RedrivePolicy: '',
};

/**
 * Creates missing queues, buckets, topics and parameters. Existing ones keep their content; queues get the template's attributes, and
 * parameters its values.
 */
export function createResources(resources: readonly PlannedResource[], stores: QueuesAndBuckets, parameters: Parameters): void {
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
      case 'AWS::SSM::Parameter':
        parameters.deploy(deployedParameter(resource));
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
