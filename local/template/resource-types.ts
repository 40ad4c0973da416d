import { createHash } from 'node:crypto';
import { API_TYPES } from './api-types.ts';
import type { Place, ResourceType } from './resource-type.ts';
import { roleId } from './role-id.ts';

export type { Place } from './resource-type.ts';

const TABLE: ResourceType = {
  nameProperty: 'TableName',
  maxNameLength: 255,
  honoured: ['TableName', 'BillingMode', 'KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'],
  arn: (name, { region, accountId }) => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
  ref: (name) => name,
  attributes: () => ({}),
};

/** The types that the embedded cloud creates or runs. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    maxNameLength: 80,
    honoured: [
      'QueueName',
      'VisibilityTimeout',
      'MaximumMessageSize',
      'DelaySeconds',
      'ReceiveMessageWaitTimeSeconds',
      'RedrivePolicy',
      'FifoQueue',
      'ContentBasedDeduplication',
    ],
    arn: (name, { region, accountId }) => `arn:aws:sqs:${region}:${accountId}:${name}`,
    ref: (name, { endpoint, accountId }) => `${endpoint}/${accountId}/${name}`,
    attributes: (name, { endpoint, accountId }) => ({ QueueName: name, QueueUrl: `${endpoint}/${accountId}/${name}` }),
  },
  'AWS::DynamoDB::Table': TABLE,
  'AWS::DynamoDB::GlobalTable': TABLE,
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    maxNameLength: 63,
    honoured: ['BucketName'],
    arn: (name) => `arn:aws:s3:::${name}`,
    ref: (name) => name,
    attributes: (name, { region }) => ({
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    }),
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    maxNameLength: 256,
    honoured: ['TopicName', 'DisplayName'],
    arn: (name, { region, accountId }) => `arn:aws:sns:${region}:${accountId}:${name}`,
    ref: (name, { region, accountId }) => `arn:aws:sns:${region}:${accountId}:${name}`,
    attributes: (name, { region, accountId }) => ({ TopicName: name, TopicArn: `arn:aws:sns:${region}:${accountId}:${name}` }),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    maxNameLength: 64,
    honoured: ['Name', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
    arn: (name, { region, accountId }) => `arn:aws:events:${region}:${accountId}:rule/${name}`,
    ref: (name) => name,
    attributes: () => ({}),
  },
  'AWS::SSM::Parameter': {
    nameProperty: 'Name',
    maxNameLength: 1011,
    honoured: ['Name', 'Type', 'Value', 'Tier', 'Description'],
    arn: parameterArn,
    ref: (name) => name,
    attributes: (_name, _place, property) => ({ Type: String(property('Type')), Value: String(property('Value')) }),
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    maxNameLength: 64,
    honoured: ['FunctionName', 'Code', 'Handler', 'Runtime', 'Environment', 'Timeout', 'MemorySize', 'LoggingConfig', 'Role'],
    arn: functionArn,
    ref: (name) => name,
    attributes: () => ({}),
  },
  ...API_TYPES,
};

/** The types that are ignored, but whose names and attributes have the form that AWS gives them. */
export const REFERENCED_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    maxNameLength: 64,
    honoured: [],
    arn: roleArn,
    ref: (name) => name,
    attributes: (name) => ({ RoleId: roleId(name) }),
  },
};

export function parameterArn(name: string, { region, accountId }: Place): string {
  return `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

export function functionArn(name: string, { region, accountId }: Place): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}

/** Also of a function whose template names no role: its role has its name. */
export function roleArn(name: string, { accountId }: Place): string {
  return `arn:aws:iam::${accountId}:role/${name}`;
}

export const FUNCTION = 'AWS::Lambda::Function';
export const EVENT_RULE = 'AWS::Events::Rule';

/** The type of what feeds functions from queues. It has no physical name. */
export const EVENT_SOURCE_MAPPING = 'AWS::Lambda::EventSourceMapping';
export const SUPPORTED_MAPPING_PROPERTIES: readonly string[] = [
  'FunctionName',
  'EventSourceArn',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'ScalingConfig',
  'Enabled',
];

/**
 * A physical name for a resource whose template sets none. It is the same at every start, so that data is found again. CloudFormation
 * adds a random part instead.
 */
export function generatedName(type: string, stackName: string, logicalId: string, isFifo: boolean): string {
  const full = `${stackName}-${logicalId}`;
  const { maxNameLength = 255, generate } = RESOURCE_TYPES[type] ?? REFERENCED_TYPES[type] ?? {};
  if (generate !== undefined) return generate(full);
  const limit = maxNameLength - (isFifo ? 5 : 0);
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 8);
  const name = full.length <= limit ? full : `${full.slice(0, limit - 9)}-${digest}`;
  return `${type === 'AWS::S3::Bucket' ? name.toLowerCase() : name}${isFifo ? '.fifo' : ''}`;
}
