import { Annotations, Fn, Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, type Conditions, Effect, type IGrantable, type IPrincipal, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alertKey, conflictKey, messageKey, refusedKey, unopenedKey } from '../../events/ledger-record.ts';
import {
  audienceOf,
  contentBucketName,
  deadLetterQueueName,
  errorQueueName,
  inboxName,
  MEMBER_TAG,
  type MeshName,
  meshPrefix,
} from '../../events/names.ts';
import type { AgentRegistration, Authentication } from '../../events/registration.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import type { OidcClient } from '../../functions/runtime/aws/oidc-tokens.ts';
import { RefusedError } from '../refused-error.ts';
import { AgentAlarms } from './agent-alarms.ts';
import { agentEntry } from './agent-entry.ts';
import { agentProblems, tokensVariable } from './agent-problems.ts';
import type { AgentAlarmLevels } from './alarm-levels.ts';
import type { IMesh } from './i-mesh.ts';
import { type LogLevel, MeshFunction } from './mesh-function.ts';
import { MeshQueue } from './mesh-queue.ts';
import { Registration } from './registration.ts';

/** Domain names reserved for documentation. @see https://www.rfc-editor.org/rfc/rfc2606 */
const RESERVED_HOST = /(^|\.)(example|example\.(com|net|org)|invalid)$/;

/** The backstop for messages whose process always dies before it counts an attempt. The mesh's own retries end long before. */
const MAX_RECEIVES = 10;

const BATCH_SIZE = 10;

/** AWS's recommendation for queues that feed functions, so that a throttled batch can be retried. */
const VISIBILITY_PER_TIMEOUT = 6;

/** The CDK moves whole statements of a large role policy into managed policies, which hold 6,144 characters each. */
const TARGETS_PER_STATEMENT = 40;

/**
 * Half of the dead-letter queue's retention: SQS counts from the first send, even after it has moved a message there.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
 */
const INBOX_RETENTION_DAYS = 7;

/** Properties of an {@link Agent}. */
export interface AgentProps {
  /** A mesh in the account and region of the agent's stack. */
  readonly mesh: IMesh;
  readonly definition: AgentDefinition;
  /**
   * Absolute path of the folder of the agent's `agent.ts`. A `lambda.ts` beside it, which exports `handler`, replaces the generated entry
   * of the function.
   */
  readonly folder: string;
  /** Added to the definition's variables; values here override them. @default none */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** @default 'INFO' */
  readonly logLevel?: LogLevel;
  /** A period that CloudWatch Logs offers. @default 90 */
  readonly logRetentionDays?: number;
  /** The share of journeys in the trace index, 0 to 1. Failures are always in it. @default 1 */
  readonly traceSampling?: number;
  /** How the agent knows its senders: by the role that SQS stamps on a message, by a token on top, or not at all. @default 'iam' */
  readonly authentication?: Authentication;
  /**
   * Who issues tokens for what the agent sends: an identity provider by the client credentials grant, whose secret is in an SSM parameter.
   * @default AWS, to the agent's role
   */
  readonly tokens?: OidcClient | undefined;
  /**
   * ARNs of roles and users that may send to the inbox although they lack the tag `posthorn:mesh`. @default none
   */
  readonly untaggedSenders?: readonly string[];
  /** @default the defaults of each level */
  readonly alarms?: Partial<AgentAlarmLevels>;
  /** Keeps the agent's queues and logs when their stack is deleted. @default true */
  readonly retainState?: boolean;
}

/**
 * An agent's resources on AWS: its queues, its function with its permissions, and its alarms. Grant further permissions to the agent:
 * `bucket.grantRead(agent)`.
 *
 * @throws RefusedError when the function's name, or the variables and targets, exceed Lambda's limits
 * @throws Error with esbuild's messages when the agent's sources fail to build
 * @see docs/architecture.md
 * @example
 * ```ts
 * import { join } from 'node:path';
 * import { Stack } from 'aws-cdk-lib';
 * import greeting from '../agents/greeting/agent.ts';
 *
 * await runApp((app) => {
 *   const stack = new Stack(app, 'Greeting');
 *   const folder = join(import.meta.dirname, '../agents/greeting');
 *   new Agent(stack, 'Agent', { mesh: Mesh.join(stack, { stage: 'prod' }), definition: greeting, folder });
 * });
 * ```
 */
export class Agent extends Construct implements IGrantable {
  readonly function: LambdaFunction;
  readonly inbox: IQueue;
  readonly errorQueue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: AgentProps) {
    super(scope, id);
    const { mesh, definition, retainState = true, traceSampling = 1, authentication = 'iam' } = props;
    const environment = { ...definition.environment, ...props.environment, ...tokensVariable(props) };
    const problems = agentProblems(mesh.name, definition, environment);
    if (problems.length > 0) throw new RefusedError(problems);
    const { inbox, errorQueue, deadLetterQueue } = this.#queues(mesh.name, definition, retainState);
    this.inbox = inbox;
    this.errorQueue = errorQueue;
    this.deadLetterQueue = deadLetterQueue;

    // Queue URLs of one account and region differ only in the queue's name.
    const urlBeforeName = Fn.select(0, Fn.split(inboxName(mesh.name, definition.id), inbox.queueUrl));
    const { lambda, role } = new MeshFunction(this, 'Function', {
      mesh: mesh.name,
      functionId: definition.id,
      description: definition.description,
      entry: agentEntry(props.folder),
      timeoutSeconds: definition.timeoutSeconds,
      memoryMb: definition.memoryMb,
      retainState,
      ...(props.logLevel && { logLevel: props.logLevel }),
      ...(props.logRetentionDays && { logRetentionDays: props.logRetentionDays }),
      environment: {
        ...environment,
        POSTHORN_LEDGER_TABLE: mesh.ledger.tableName,
        POSTHORN_REGISTRY_TABLE: mesh.registry.tableName,
        POSTHORN_AUTHENTICATION: authentication,
        POSTHORN_CONTENT_BUCKET: mesh.content.bucketName,
        POSTHORN_ALERT_TOPIC_ARN: mesh.alerts.topicArn,
        POSTHORN_INBOX_URL: inbox.queueUrl,
        POSTHORN_ERROR_QUEUE_URL: errorQueue.queueUrl,
        POSTHORN_DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        // For a queue that is imported by name, the CDK builds a URL of the public endpoint.
        POSTHORN_REPLIES_QUEUE_URL: Token.isUnresolved(mesh.replies.queueName)
          ? mesh.replies.queueUrl
          : `${urlBeforeName}${mesh.replies.queueName}`,
        POSTHORN_TARGETS: Stack.of(this).toJsonString({
          inboxUrl: `${urlBeforeName}${inboxName(mesh.name, '{agent}')}`,
          agents: definition.sendsTo,
        }),
        POSTHORN_MAX_RECEIVES: String(MAX_RECEIVES),
        POSTHORN_TRACE_SAMPLING: String(traceSampling),
      },
    });
    this.function = lambda;
    this.grantPrincipal = role;

    this.#warnOfPlaceholders(definition.id, environment);
    this.#grant(role, mesh, definition);
    if (authentication === 'jwt') this.#grantTokens(role, mesh.name, definition, props.tokens);
    Tags.of(role).add(MEMBER_TAG, meshPrefix(mesh.name));
    if (authentication !== 'none') this.#refuseStrangers(mesh.name, props.untaggedSenders ?? []);
    const registration = this.#register(mesh, definition, authentication, role);
    // By the time that the agent receives its first message, the mesh knows it.
    this.#consume(lambda, role, definition.concurrency).node.addDependency(registration);
    new AgentAlarms(this, 'Alarms', {
      mesh: mesh.name,
      agentId: definition.id,
      inbox,
      errorQueue,
      deadLetterQueue,
      topic: mesh.alerts,
      ...(props.alarms && { levels: props.alarms }),
    });
  }

  #inboxArn(mesh: MeshName, agentId: string): string {
    return Stack.of(this).formatArn({ service: 'sqs', resource: inboxName(mesh, agentId) });
  }

  #queues(mesh: MeshName, { id, timeoutSeconds }: AgentDefinition, retainState: boolean) {
    const deadLetterQueue = new MeshQueue(this, 'DeadLetterQueue', {
      retainState,
      queueName: deadLetterQueueName(mesh, id),
      // By name, because the inbox refers to this queue.
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        sourceQueues: [Queue.fromQueueArn(this, 'InboxByName', this.#inboxArn(mesh, id))],
      },
      noDeadLetterQueueBecause: 'It is one: messages stay until an operator has looked at them.',
    });
    const errorQueue = new MeshQueue(this, 'ErrorQueue', {
      retainState,
      queueName: errorQueueName(mesh, id),
      noDeadLetterQueueBecause: 'It is the end for rejected messages: they stay until an operator has looked at them.',
    });
    const inbox = new MeshQueue(this, 'Inbox', {
      retainState,
      queueName: inboxName(mesh, id),
      retentionDays: INBOX_RETENTION_DAYS,
      visibilityTimeoutSeconds: VISIBILITY_PER_TIMEOUT * timeoutSeconds,
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    return { inbox, errorQueue, deadLetterQueue };
  }

  #warnOfPlaceholders(id: string, environment: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(environment)) {
      if (!RESERVED_HOST.test(URL.parse(value)?.hostname ?? '')) continue;
      Annotations.of(this).addWarningV2(
        'posthorn:placeholder',
        `agent '${id}': ${name} is the placeholder ${value}: give your own with -c agentEnvironment='{"${id}":{"${name}":"..."}}'`,
      );
    }
  }

  #grant(role: Role, mesh: IMesh, { id, sendsTo }: AgentDefinition): void {
    const allow = (sid: string, resources: string[], actions: string[], conditions: Conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources, conditions }));
    allow(
      'ConsumeInbox',
      [this.inbox.queueArn],
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    );
    allow('RecordOutcomes', [mesh.ledger.tableArn], ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ledgerKeysOf(id) },
    });
    allow('ReadAccess', [mesh.registry.tableArn], ['dynamodb:GetItem'], {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] },
    });
    allow('KeepContent', [mesh.contentObjectsArn], ['s3:GetObject', 's3:PutObject']);
    // Without it S3 answers 403 both for missing content and for a missing permission.
    allow('MissContent', [mesh.content.bucketArn], ['s3:ListBucket']);
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${contentBucketName(mesh.name, '<AWS::AccountId>', '<AWS::Region>')}/sha-256/*]`,
      reason: 'Content is addressed by digest, so that its keys are not known beforehand; all of it is under this one prefix.',
    });
    allow('Alert', [mesh.alerts.topicArn], ['sns:Publish']);
    allow('EncryptAlerts', [mesh.alertKey.keyArn], ['kms:Decrypt', 'kms:GenerateDataKey']);
    const queues = [
      this.errorQueue.queueArn,
      this.deadLetterQueue.queueArn,
      mesh.replies.queueArn,
      ...sendsTo.map((target) => this.#inboxArn(mesh.name, target)),
    ];
    for (const [suffix, some] of byStatement(queues)) allow(`Send${suffix}`, some, ['sqs:SendMessage']);
  }

  #register({ name: mesh, appName }: IMesh, definition: AgentDefinition, authentication: Authentication, role: Role): Registration {
    const { id, version, capabilities, sendsTo, actions } = definition;
    const registration: AgentRegistration = {
      id,
      version,
      capabilities: capabilities.map((capability) => capability.id),
      roleId: role.roleId,
      roleArn: role.roleArn,
      queue: inboxName(mesh, id),
      calls: [...sendsTo],
      authentication,
      actions: Object.fromEntries(
        Object.entries(actions).map(([action, { types = [], allow = [] } = {}]) => [action, { types: [...types], allow: [...allow] }]),
      ),
    };
    return new Registration(this, 'Registration', { mesh, appName: appName ?? id, kind: 'agents', registration });
  }

  /** SQS itself refuses a sender that is not of the mesh; the runtime decides about the others. */
  #refuseStrangers(mesh: MeshName, untaggedSenders: readonly string[]): void {
    this.inbox.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RefuseStrangers',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sqs:SendMessage'],
        resources: [this.inbox.queueArn],
        conditions: {
          StringNotEquals: { [`aws:PrincipalTag/${MEMBER_TAG}`]: meshPrefix(mesh) },
          ...(untaggedSenders.length > 0 && { ArnNotEquals: { 'aws:PrincipalArn': untaggedSenders } }),
        },
      }),
    );
    // It would put messages back as sent by the one who moved them, without saying so: docs/security.md.
    this.deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RedriveByPosthorn',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sqs:StartMessageMoveTask'],
        resources: [this.deadLetterQueue.queueArn],
      }),
    );
  }

  #grantTokens(role: Role, mesh: MeshName, { sendsTo }: AgentDefinition, tokens: OidcClient | undefined): void {
    if (sendsTo.length === 0) return;
    if (tokens !== undefined) {
      const secret = Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: tokens.secretParameter.replace(/^\//, ''),
      });
      role.addToPolicy(new PolicyStatement({ sid: 'ReadClientSecret', actions: ['ssm:GetParameter'], resources: [secret] }));
      return;
    }
    for (const [suffix, audiences] of byStatement(sendsTo.map((target) => audienceOf(meshPrefix(mesh), target)))) {
      role.addToPolicy(
        new PolicyStatement({
          sid: `GetTokens${suffix}`,
          actions: ['sts:GetWebIdentityToken'],
          resources: ['*'],
          conditions: { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audiences } },
        }),
      );
    }
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'AWS has no resource for the action; its condition names the agents that the tokens are for.',
    });
  }

  #consume(target: LambdaFunction, role: Role, maxConcurrency: number): EventSourceMapping {
    const mapping = new EventSourceMapping(this, 'InboxMapping', {
      target,
      eventSourceArn: this.inbox.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(role);
    Validations.of(mapping).acknowledge({
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason: "Lambda offers none for SQS: the inbox's redrive policy is its failure destination.",
    });
    return mapping;
  }
}

/** The targets of each statement, with what its id ends with. */
const byStatement = (targets: readonly string[]): readonly (readonly [suffix: string, targets: string[]])[] =>
  Array.from({ length: Math.ceil(targets.length / TARGETS_PER_STATEMENT) }, (_, index) => {
    const first = index * TARGETS_PER_STATEMENT;
    return [first === 0 ? '' : String(first), targets.slice(first, first + TARGETS_PER_STATEMENT)];
  });

/**
 * Patterns of the keys that an agent's runtime reads and writes: its messages, their conflicts, its alerts, and invalid envelopes.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
const ledgerKeysOf = (agentId: string): readonly string[] => [
  messageKey(agentId, '*', '*'),
  unopenedKey(agentId, '*'),
  refusedKey(agentId, '*'),
  conflictKey('*', messageKey(agentId, '*', '*')),
  alertKey('*', agentId, '*'),
];
