import { Annotations, Fn, Stack, Validations } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alertKey, conflictKey, messageKey, unopenedKey } from '../../events/ledger-record.ts';
import { contentBucketName, deadLetterQueueName, errorQueueName, inboxName } from '../../events/names.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import type { Settings } from '../config.ts';
import type { StateStack } from '../stacks/state-stack.ts';
import { AgentAlarms } from './agent-alarms.ts';
import { MeshFunction } from './mesh-function.ts';
import { MeshQueue } from './mesh-queue.ts';

/** Names for documentation. @see https://www.rfc-editor.org/rfc/rfc2606 */
const RESERVED_HOST = /(^|\.)(example|example\.(com|net|org)|invalid)$/;

/** The backstop for messages whose process never lives to count an attempt; the mesh's own retries end long before. */
const MAX_RECEIVES = 10;

const BATCH_SIZE = 10;

/** AWS's own advice for queues that feed functions: room for the batch to be retried when the function is throttled. */
const VISIBILITY_PER_TIMEOUT = 6;

/** A role's policy overflows into managed policies by whole statements, and one of those holds 6,144 characters. */
const QUEUES_PER_STATEMENT = 40;

/**
 * Half of what the dead-letter queue keeps: SQS goes by when a message was first sent, also after it has moved it there.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
 */
const INBOX_RETENTION_DAYS = 7;

export interface AgentProps {
  readonly settings: Settings;
  readonly definition: AgentDefinition;
  /** The agent's own variables, with the stage's overrides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path of the agent's `lambda.ts`. */
  readonly entry: string;
  readonly state: StateStack;
}

/** Everything that an agent is on AWS: its queues, its function with what it may do, and its alarms. */
export class Agent extends Construct {
  constructor(scope: Construct, id: string, { settings, definition, environment, entry, state }: AgentProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const inboxArn = (agentId: string) => stack.formatArn({ service: 'sqs', resource: inboxName(settings, agentId) });

    const deadLetterQueue = new MeshQueue(this, 'DeadLetterQueue', {
      settings,
      queueName: deadLetterQueueName(settings, definition.id),
      // By name, for the inbox refers to this queue.
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        sourceQueues: [Queue.fromQueueArn(this, 'InboxByName', inboxArn(definition.id))],
      },
      noDeadLetterQueueBecause: 'It is one: messages stay until an operator has looked at them.',
    });
    const errorQueue = new MeshQueue(this, 'ErrorQueue', {
      settings,
      queueName: errorQueueName(settings, definition.id),
      noDeadLetterQueueBecause: 'It is the end for rejected messages: they stay until an operator has looked at them.',
    });
    const inbox = new MeshQueue(this, 'Inbox', {
      settings,
      queueName: inboxName(settings, definition.id),
      retentionDays: INBOX_RETENTION_DAYS,
      visibilityTimeoutSeconds: VISIBILITY_PER_TIMEOUT * definition.timeoutSeconds,
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    // The queues of an account and a region have URLs that differ in nothing but the name, wherever they are.
    const urlBeforeName = Fn.select(0, Fn.split(inboxName(settings, definition.id), inbox.queueUrl));
    const { lambda, role } = new MeshFunction(this, 'Function', {
      settings,
      functionId: definition.id,
      description: definition.description,
      entry,
      timeoutSeconds: definition.timeoutSeconds,
      memoryMb: definition.memoryMb,
      environment: {
        ...environment,
        POSTHORN_LEDGER_TABLE: state.ledger.tableName,
        POSTHORN_CONTENT_BUCKET: state.content.bucketName,
        POSTHORN_ALERT_TOPIC_ARN: state.alerts.topicArn,
        POSTHORN_INBOX_URL: inbox.queueUrl,
        POSTHORN_ERROR_QUEUE_URL: errorQueue.queueUrl,
        POSTHORN_DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        POSTHORN_REPLIES_QUEUE_URL: state.replies.queueUrl,
        POSTHORN_TARGETS: stack.toJsonString({
          inboxUrl: `${urlBeforeName}${inboxName(settings, '{agent}')}`,
          agents: definition.sendsTo,
        }),
        POSTHORN_MAX_RECEIVES: String(MAX_RECEIVES),
        POSTHORN_TRACE_SAMPLING: String(settings.traceSampling),
      },
    });

    for (const [name, value] of Object.entries(environment)) {
      if (!RESERVED_HOST.test(URL.parse(value)?.hostname ?? '')) continue;
      Annotations.of(this).addWarningV2(
        'posthorn:placeholder',
        `agent '${definition.id}': ${name} is ${value}, which nobody can own: give yours with -c agentEnvironment='{"${definition.id}":{"${name}":"..."}}'`,
      );
    }

    const allow = (sid: string, resources: string[], actions: string[], conditions: Conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources, conditions }));
    allow(
      'ConsumeInbox',
      [inbox.queueArn],
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    );
    allow('RecordOutcomes', [state.ledger.tableArn], ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ledgerKeysOf(definition.id) },
    });
    allow('KeepContent', [state.contentObjectsArn], ['s3:GetObject', 's3:PutObject']);
    // Without it S3 answers 403 for content that is not there, as it does for a missing permission.
    allow('MissContent', [state.content.bucketArn], ['s3:ListBucket']);
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${contentBucketName(settings, '<AWS::AccountId>', '<AWS::Region>')}/sha-256/*]`,
      reason: 'Content is addressed by digest, so that its keys are not known beforehand; all of it is under this one prefix.',
    });
    allow('Alert', [state.alerts.topicArn], ['sns:Publish']);
    allow('EncryptAlerts', [state.alertKey.keyArn], ['kms:Decrypt', 'kms:GenerateDataKey']);
    const queues = [errorQueue.queueArn, deadLetterQueue.queueArn, state.replies.queueArn, ...definition.sendsTo.map(inboxArn)];
    for (let first = 0; first < queues.length; first += QUEUES_PER_STATEMENT) {
      allow(`Send${first === 0 ? '' : first}`, queues.slice(first, first + QUEUES_PER_STATEMENT), ['sqs:SendMessage']);
    }

    const mapping = new EventSourceMapping(this, 'InboxMapping', {
      target: lambda,
      eventSourceArn: inbox.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: definition.concurrency,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(role);
    Validations.of(mapping).acknowledge({
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason: "Lambda offers none for SQS: the inbox's redrive policy is its failure destination.",
    });

    new AgentAlarms(this, 'Alarms', { settings, agentId: definition.id, inbox, errorQueue, deadLetterQueue, topic: state.alerts });
  }
}

/**
 * Patterns of the keys that an agent's runtime reads and writes: its messages, their conflicts, its alerts, and what is no envelope.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
const ledgerKeysOf = (agentId: string): readonly string[] => [
  messageKey(agentId, '*', '*'),
  unopenedKey(agentId, '*'),
  conflictKey('*', messageKey(agentId, '*', '*')),
  alertKey('*', agentId, '*'),
];
