import { Annotations, Fn, Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import type { IGrantable, IPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Authentication } from '../../events/authentication.ts';
import { inboxName, MEMBER_TAG, meshPrefix } from '../../events/names.ts';
import type { RegisteredCard } from '../../events/registered-card.ts';
import type { AgentRegistration } from '../../events/registration.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import type { OidcClient } from '../../functions/runtime/aws/oidc-client.ts';
import { RefusedError } from '../refused-error.ts';
import { AgentAlarms } from './agent-alarms.ts';
import { agentEntry } from './agent-entry.ts';
import { grantDelivery, grantSpans, grantTokens } from './agent-grants.ts';
import { agentProblems, offersVariable, tokensVariable, tracingVariables } from './agent-problems.ts';
import { createQueues, MAX_RECEIVES, refuseStrangers } from './agent-queues.ts';
import type { AgentAlarmLevels } from './alarm-levels.ts';
import { cardOf, fitCard } from './fit-card.ts';
import type { IMesh } from './i-mesh.ts';
import { type LogLevel, MeshFunction } from './mesh-function.ts';
import { Registration } from './registration.ts';

/** Domain names reserved for documentation. @see https://www.rfc-editor.org/rfc/rfc2606 */
const RESERVED_HOST = /(^|\.)(example|example\.(com|net|org)|invalid)$/;

const BATCH_SIZE = 10;

/** What an agent registers beside its definition. */
interface Registered {
  readonly authentication: Authentication;
  readonly role: Role;
  readonly inboxUrl: string;
}

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
  /** The share of journeys in their index, 0 to 1. Failures are always in it. @default 1 */
  readonly journeySampling?: number;
  /** Whether records have the trace id for the mesh's index, see {@link MeshProps.traceIndex}. @default false */
  readonly traceIndex?: boolean;
  /** The share of traces begun at this agent that are exported, 0 to 1; those of failures always are. @default 1 */
  readonly traceSampling?: number;
  /** The OTLP/HTTP endpoint to which the agent exports its spans: https, or http on this machine. @default none */
  readonly otlpEndpoint?: string | undefined;
  /** The name of the SSM parameter (SecureString) that has the headers of these requests, as a JSON object. @default none */
  readonly otlpHeadersParameter?: string | undefined;
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
    const { mesh, definition, retainState = true, journeySampling = 1, traceIndex = false, authentication = 'iam' } = props;
    const own = { ...definition.environment, ...props.environment };
    const environment = { ...own, ...tokensVariable(props), ...tracingVariables(props), ...offersVariable(mesh, definition) };
    const problems = agentProblems(mesh.name, definition, environment);
    if (problems.length > 0) throw new RefusedError(problems);
    const queues = createQueues(this, mesh.name, definition, retainState);
    const { inbox, errorQueue, deadLetterQueue } = queues;
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
        POSTHORN_METRICS_TABLE: mesh.metrics.tableName,
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
        POSTHORN_JOURNEY_SAMPLING: String(journeySampling),
        ...(traceIndex && { POSTHORN_TRACE_INDEX: 'true' }),
      },
    });
    this.function = lambda;
    this.grantPrincipal = role;

    this.#warnOfPlaceholders(definition.id, own);
    grantDelivery(role, mesh, definition, queues);
    if (authentication === 'jwt') grantTokens(role, mesh.name, props.tokens);
    grantSpans(role, props);
    Tags.of(role).add(MEMBER_TAG, meshPrefix(mesh.name));
    if (authentication !== 'none') refuseStrangers(queues, mesh.name, props.untaggedSenders ?? []);
    const registration = this.#register(mesh, definition, {
      authentication,
      role,
      inboxUrl: `${urlBeforeName}${inboxName(mesh.name, definition.id)}`,
    });
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

  #warnOfPlaceholders(id: string, environment: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(environment)) {
      if (!RESERVED_HOST.test(URL.parse(value)?.hostname ?? '')) continue;
      Annotations.of(this).addWarningV2(
        'posthorn:placeholder',
        `agent '${id}': ${name} is the placeholder ${value}: give your own with -c agentEnvironment='{"${id}":{"${name}":"..."}}'`,
      );
    }
  }

  #register({ name: mesh, appName }: IMesh, definition: AgentDefinition, { authentication, role, inboxUrl }: Registered): Registration {
    const { id, version, capabilities, sendsTo, calls, receivesReplies, actions, concurrency, latencyGoalSeconds } = definition;
    const registration: AgentRegistration = {
      id,
      version,
      capabilities: capabilities.map((capability) => capability.id),
      roleId: role.roleId,
      roleArn: role.roleArn,
      queue: inboxName(mesh, id),
      calls: [...sendsTo],
      callsCapabilities: [...calls],
      receivesReplies,
      concurrency,
      latencyGoalSeconds,
      authentication,
      actions: Object.fromEntries(
        Object.entries(actions).map(([action, { types = [], allow = [] } = {}]) => [action, { types: [...types], allow: [...allow] }]),
      ),
    };
    const card = this.#card(registration, cardOf(definition, inboxUrl));
    return new Registration(this, 'Registration', {
      mesh,
      appName: appName ?? id,
      kind: 'agents',
      registration: { ...registration, ...(card && { card }) },
    });
  }

  /** What of the card there is room for. */
  #card(registration: AgentRegistration, whole: RegisteredCard): RegisteredCard | undefined {
    const { card, leftOut } = fitCard(registration, whole, Registration.fits);
    if (leftOut !== undefined) {
      Annotations.of(this).addWarningV2(
        'posthorn:card',
        `agent '${registration.id}': its card does not fit into its registration, an SSM parameter of 8 KB, and lacks ${leftOut}. ` +
          'Give it shorter descriptions, and fewer examples or capabilities',
      );
    }
    return card;
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
