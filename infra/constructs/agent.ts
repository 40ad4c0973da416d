import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AgentDefinition } from '../../functions/runtime/agent.ts';
import type { Settings } from '../config.ts';
import { contentBucketName, deadLetterQueueName, errorQueueName, inboxName } from '../names.ts';
import type { StateStack } from '../stacks/state-stack.ts';
import { AgentAlarms } from './agent-alarms.ts';
import { AgentFunction } from './agent-function.ts';
import { MeshQueue } from './mesh-queue.ts';

/** The backstop for messages whose process never lives to count an attempt; the mesh's own retries end long before. */
const MAX_RECEIVES = 10;

const BATCH_SIZE = 10;

/** AWS's own advice for queues that feed functions: room for the batch to be retried when the function is throttled. */
const VISIBILITY_PER_TIMEOUT = 6;

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
  readonly definition: AgentDefinition;
  readonly inbox: MeshQueue;
  readonly errorQueue: MeshQueue;
  readonly deadLetterQueue: MeshQueue;
  readonly function: AgentFunction;

  constructor(scope: Construct, id: string, props: AgentProps) {
    super(scope, id);
    const { definition, settings, state } = props;
    const { stage } = settings;
    this.definition = definition;

    this.deadLetterQueue = new MeshQueue(this, 'DeadLetterQueue', {
      queueName: deadLetterQueueName(stage, definition.id),
      noDeadLetterQueueBecause: 'It is one: messages stay until an operator has looked at them.',
    });
    this.errorQueue = new MeshQueue(this, 'ErrorQueue', {
      queueName: errorQueueName(stage, definition.id),
      noDeadLetterQueueBecause: 'It is the end for rejected messages: they stay until an operator has looked at them.',
    });
    this.inbox = new MeshQueue(this, 'Inbox', {
      queueName: inboxName(stage, definition.id),
      visibilityTimeoutSeconds: VISIBILITY_PER_TIMEOUT * definition.timeoutSeconds,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    this.function = new AgentFunction(this, 'Function', {
      settings,
      agentId: definition.id,
      description: definition.description,
      entry: props.entry,
      timeoutSeconds: definition.timeoutSeconds,
      memoryMb: definition.memoryMb,
      environment: {
        ...props.environment,
        POSTHORN_LEDGER_TABLE: state.ledger.tableName,
        POSTHORN_CONTENT_BUCKET: state.content.bucketName,
        POSTHORN_ALERT_TOPIC_ARN: state.alerts.topicArn,
        POSTHORN_INBOX_URL: this.inbox.queueUrl,
        POSTHORN_ERROR_QUEUE_URL: this.errorQueue.queueUrl,
        POSTHORN_DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
        POSTHORN_REPLIES_QUEUE_URL: state.replies.queueUrl,
        POSTHORN_MAX_RECEIVES: String(MAX_RECEIVES),
        POSTHORN_TRACE_SAMPLING: String(settings.traceSampling),
      },
    });
    this.#allow(
      'ConsumeInbox',
      [this.inbox.queueArn],
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    );
    this.#allow('RecordOutcomes', [state.ledger.tableArn], ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate']);
    this.#allow('KeepContent', [state.contentObjectsArn], ['s3:GetObject', 's3:PutObject']);
    // Without it S3 answers 403 for content that is not there, as it does for a missing permission.
    this.#allow('MissContent', [state.content.bucketArn], ['s3:ListBucket']);
    Validations.of(this.function.role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${contentBucketName(stage, '<AWS::AccountId>', '<AWS::Region>')}/sha-256/*]`,
      reason: 'Content is addressed by digest, so that its keys are not known beforehand; all of it is under this one prefix.',
    });
    this.#allow('Alert', [state.alerts.topicArn], ['sns:Publish']);
    this.#allow('EncryptAlerts', [state.alertKey.keyArn], ['kms:Decrypt', 'kms:GenerateDataKey']);

    const mapping = new EventSourceMapping(this, 'InboxMapping', {
      target: this.function.lambda,
      eventSourceArn: this.inbox.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: definition.concurrency,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(this.function.role);
    Validations.of(mapping).acknowledge({
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason: "Lambda offers none for SQS: the inbox's redrive policy is its failure destination.",
    });

    new AgentAlarms(this, 'Alarms', {
      settings,
      agentId: definition.id,
      inbox: this.inbox,
      errorQueue: this.errorQueue,
      deadLetterQueue: this.deadLetterQueue,
      topic: state.alerts,
    });
  }

  /** Makes `targets` the agents that this one may send to, and its own outcome queues and the replies the only others. */
  sendsTo(targets: readonly Agent[], replies: MeshQueue): void {
    const queues = [this.errorQueue, this.deadLetterQueue, replies, ...targets.map(({ inbox }) => inbox)];
    this.#allow(
      'Send',
      queues.map(({ queueArn }) => queueArn),
      ['sqs:SendMessage'],
    );
    const urls = Object.fromEntries(targets.map(({ definition, inbox }) => [definition.id, inbox.queueUrl]));
    this.function.lambda.addEnvironment('POSTHORN_TARGETS', Stack.of(this).toJsonString(urls));
  }

  #allow(sid: string, resources: string[], actions: string[]): void {
    this.function.role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
  }
}
