import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  alertTopicName,
  contentBucketName,
  deadLetterQueueName,
  errorQueueName,
  functionName,
  inboxName,
  ledgerTableName,
  type MeshName,
  repliesQueueName,
} from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

/** The account of the embedded cloud. */
export const ACCOUNT_ID = '000000000000';

/** The values that the `Agent` construct sets. */
export const MAX_RECEIVES = 10;
const BATCH_SIZE = 10;
const VISIBILITY_PER_TIMEOUT = 6;

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/**
 * Writes the assembly of agents that run in the test's own process: their queues and mappings, and the resources that they share. It
 * contains no code; the embedded cloud gets handlers instead.
 */
export async function writeAgentsAssembly(directory: string, mesh: MeshName, region: string, agents: readonly AgentDefinition[]) {
  const shared = {
    Ledger: resource('AWS::DynamoDB::Table', {
      TableName: ledgerTableName(mesh),
      KeySchema: [{ AttributeName: 'messageKey', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'messageKey', AttributeType: 'S' }],
    }),
    Content: resource('AWS::S3::Bucket', { BucketName: contentBucketName(mesh, ACCOUNT_ID, region) }),
    Alerts: resource('AWS::SNS::Topic', { TopicName: alertTopicName(mesh) }),
    Replies: queue(repliesQueueName(mesh)),
  };
  const own = Object.fromEntries(agents.flatMap((agent, index) => Object.entries(resourcesOf(agent, index, mesh))));
  await mkdir(join(directory, 'code'), { recursive: true });
  const write = (file: string, value: object) => writeFile(join(directory, file), JSON.stringify(value));
  await write('mesh.template.json', { Resources: { ...shared, ...own } });
  await write('mesh.assets.json', { files: { code: { source: { path: 'code' }, destinations: { local: { objectKey: CODE } } } } });
  await write('manifest.json', {
    artifacts: {
      mesh: { type: 'aws:cloudformation:stack', properties: { templateFile: 'mesh.template.json', stackName: 'mesh' } },
      assets: { type: 'cdk:asset-manifest', properties: { file: 'mesh.assets.json' } },
    },
  });
}

const CODE = 'code';

const resource = (Type: string, Properties: Resource['Properties']): Resource => ({ Type, Properties });

const queue = (QueueName: string, properties: Resource['Properties'] = {}): Resource =>
  resource('AWS::SQS::Queue', { QueueName, MaximumMessageSize: 1_048_576, ...properties });

function resourcesOf(agent: AgentDefinition, index: number, mesh: MeshName): Readonly<Record<string, Resource>> {
  const id = (kind: string) => `Agent${index}${kind}`;
  const arnOf = (kind: string) => ({ 'Fn::GetAtt': [id(kind), 'Arn'] });
  return {
    [id('Errors')]: queue(errorQueueName(mesh, agent.id)),
    [id('DeadLetters')]: queue(deadLetterQueueName(mesh, agent.id)),
    [id('Inbox')]: queue(inboxName(mesh, agent.id), {
      VisibilityTimeout: VISIBILITY_PER_TIMEOUT * agent.timeoutSeconds,
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: MAX_RECEIVES },
    }),
    [id('Function')]: resource('AWS::Lambda::Function', {
      FunctionName: functionName(mesh, agent.id),
      Code: { S3Key: CODE },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: agent.timeoutSeconds,
      MemorySize: agent.memoryMb,
    }),
    [id('Mapping')]: resource('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: id('Function') },
      EventSourceArn: arnOf('Inbox'),
      BatchSize: BATCH_SIZE,
      ScalingConfig: { MaximumConcurrency: agent.concurrency },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  };
}
