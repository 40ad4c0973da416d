import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type Attribute, AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { JOURNEY_INDEX_NAME, OPEN_INDEX_NAME, TRACE_INDEX_NAME } from '../../events/ledger-index.ts';
import {
  alertTopicName,
  contentBucketName,
  contractExportName,
  EDGE_ID,
  ledgerTableName,
  type MeshName,
  meshName,
  previousContractExportName,
  repliesQueueName,
} from '../../events/names.ts';
import { OWNER_APP } from '../../events/registration.ts';
import { contentObjectsArn } from './content-objects-arn.ts';
import { Dashboard } from './dashboard.ts';
import { Edge, type EdgeAuthentication, type EdgeLimits, type EdgeProps } from './edge.ts';
import type { IMesh } from './i-mesh.ts';
import { JoinedMesh } from './joined-mesh.ts';
import { LogQueries } from './log-queries.ts';
import { MeshQueue } from './mesh-queue.ts';
import { Metrics } from './metrics.ts';
import { Operations } from './operations.ts';
import { Registration } from './registration.ts';
import { Registry } from './registry.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** Longer than a message can live: 7 days in an inbox, 14 in the dead-letter queue, and the same again after a redrive. */
const CONTENT_DAYS = 45;

/** Properties of a {@link Mesh}. */
export interface MeshProps {
  /** The beginning of all physical names. @default prefix 'posthorn', stage 'dev' */
  readonly name?: Partial<MeshName>;
  /** Keeps ledger, content, replies and the alert topic's key when their stack is deleted, and protects the ledger. @default true */
  readonly retainState?: boolean;
  /** How often the probe takes a snapshot of each agent, a whole number from 1 to 60. @default 1 */
  readonly probeMinutes?: number;
  /** Adds a dashboard to CloudWatch, which costs $3 a month after the first three of an account. @default true */
  readonly dashboard?: boolean;
  /**
   * Whether there are alarms, a metric filter, saved queries, and the dashboard; `false` for emulators that lack them. Agents have alarms
   * of their own, see {@link AgentProps.alarms}.
   *
   * @default true
   */
  readonly cloudWatch?: boolean;
  /** The limits of the mesh's REST API, which has `/metrics` and `/agents`; `false` for a mesh without one. @default 20 requests a second */
  readonly edge?: EdgeLimits | false;
  /**
   * How the REST API authenticates requests: `iam`, by a signature of IAM; or `jwt`, by a token of an issuer of the policy.
   *
   * @default 'iam'
   */
  readonly edgeAuthentication?: EdgeAuthentication;
  /** A mail address that subscribes to the alert topic. @default none */
  readonly alertEmail?: string | undefined;
  /**
   * Adds an index by trace id to the ledger, for {@link AgentProps.traceIndex}: one more write unit for each message. @default false
   */
  readonly traceIndex?: boolean;
}

/**
 * The shared resources of a mesh: ledger, content bucket, replies queue and alert topic. In an account and region one app owns the mesh
 * of a name. The agents of other apps join it by `Mesh.join`.
 *
 * @throws RangeError when a part of the name is not valid (see `meshName`)
 * @see docs/architecture.md
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 *
 * await runApp((app) => {
 *   new Mesh(new Stack(app, 'State'), 'Mesh', { name: { stage: 'prod' }, alertEmail: 'on-call@example.com' });
 * });
 * ```
 */
export class Mesh extends Construct implements IMesh {
  readonly name: MeshName;
  readonly ledger: Table;
  readonly registry: Table;
  readonly offers: Table;
  readonly metrics: Table;
  readonly appName = OWNER_APP;
  readonly content: Bucket;
  readonly contentObjectsArn: string;
  readonly replies: Queue;
  readonly alerts: Topic;
  readonly alertKey: Key;
  /**
   * The REST API; `undefined` with `edge: false`. Callers that sign by IAM need `execute-api:Invoke` on `edge.arnForExecuteApi()`.
   */
  readonly edge: RestApi | undefined;

  /**
   * A mesh that another app owns, in the same account and region. It imports the resources by name and adds none. An `Agent` in it
   * deploys only if the mesh exists and has this version of the contract; otherwise CloudFormation names the missing export. A scope
   * joins one mesh.
   *
   * @param name @default prefix 'posthorn', stage 'dev'
   * @param appName the name under which the app's agents register: those of one app may send to each other by `sendsTo`.
   *   @default each agent is an app of its own
   * @throws RangeError when a part of the name is not valid (see `meshName`)
   * @see docs/adr/0014-joining-a-mesh.md
   * @example
   * ```ts
   * new Agent(stack, 'Agent', { mesh: Mesh.join(stack, { stage: 'prod' }), ...greeting });
   * ```
   */
  static join(scope: Construct, name: Partial<MeshName> = {}, appName?: string): IMesh {
    return new JoinedMesh(scope, 'JoinedMesh', meshName(name), appName);
  }

  constructor(scope: Construct, id: string, props: MeshProps = {}) {
    super(scope, id);
    const { name, retainState = true, alertEmail, probeMinutes = 1, dashboard = true, cloudWatch = true, traceIndex = false } = props;
    const { edge = {}, edgeAuthentication = 'iam' } = props;
    this.name = meshName(name);
    const removalPolicy = removalPolicyOf(retainState);

    this.ledger = new Table(this, 'Ledger', {
      tableName: ledgerTableName(this.name),
      partitionKey: { name: 'messageKey', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retainState,
      // Not RetainExceptOnCreate as elsewhere: a protected table cannot be deleted, not even by the rollback of a first deployment,
      // which would fail. With this policy the rollback succeeds and leaves an empty table. Delete it before the next deployment.
      removalPolicy: retainState ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const startedAt = { name: 'startedAt', type: AttributeType.NUMBER };
    this.#addIndex(JOURNEY_INDEX_NAME, 'journey', startedAt);
    this.#addIndex(OPEN_INDEX_NAME, 'open', { name: 'since', type: AttributeType.NUMBER });
    if (traceIndex) this.#addIndex(TRACE_INDEX_NAME, 'traceId', startedAt);

    const registry = new Registry(this, 'Registry', { mesh: this.name, hasAlarms: cloudWatch, removalPolicy, retainState });
    this.registry = registry.table;
    this.offers = registry.offers;

    this.content = new Bucket(this, 'Content', {
      bucketName: contentBucketName(this.name, Aws.ACCOUNT_ID, Aws.REGION),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        { id: 'expire-content', expiration: Duration.days(CONTENT_DAYS) },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy,
    });
    Validations.of(this.content).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: "Access logs need a second bucket; who read what is in CloudTrail's data events where an account turns them on.",
    });
    this.contentObjectsArn = contentObjectsArn(Stack.of(this), this.name);

    this.replies = new MeshQueue(this, 'Replies', {
      queueName: repliesQueueName(this.name),
      retainState,
      noDeadLetterQueueBecause: 'Its readers are outside the mesh, and an unread reply is not a failed message.',
    });

    this.metrics = new Metrics(this, 'Metrics', {
      mesh: this.name,
      registry: this.registry,
      offers: this.offers,
      queue: { queue: this.replies, name: repliesQueueName(this.name) },
      probeMinutes,
      hasAlarms: cloudWatch,
      removalPolicy,
      retainState,
    }).table;

    if (cloudWatch && dashboard) new Dashboard(this, 'Overview', { mesh: this.name });
    if (cloudWatch) new LogQueries(this, 'LogQueries', { mesh: this.name });
    this.edge = edge === false ? undefined : this.#edge({ ...edge, authentication: edgeAuthentication, removalPolicy, retainState });
    if (this.edge !== undefined && edgeAuthentication === 'jwt') this.#registerEdge(registry);

    this.alertKey = this.#alertKey(removalPolicy);
    this.alerts = this.#alerts(alertEmail);

    new CfnOutput(this, 'PreviousContract', {
      exportName: previousContractExportName(this.name),
      value: this.alertKey.keyArn,
      description: 'For the stacks of other apps that joined the version before',
    });
    new CfnOutput(this, 'Contract', {
      exportName: contractExportName(this.name),
      value: this.alertKey.keyArn,
      description: 'For the stacks of other apps that join this mesh: the key of the alert topic',
    });
  }

  /** Keys only: a write that does not change them costs nothing in the index, and readers get the record from the table. */
  #addIndex(indexName: string, partitionKey: string, sortKey: Attribute): void {
    this.ledger.addGlobalSecondaryIndex({
      indexName,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey,
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }

  #edge(props: Omit<EdgeProps, 'mesh' | 'registry'>): RestApi {
    const { name: mesh, registry, offers, metrics, ledger, contentObjectsArn } = this;
    const { api } = new Edge(this, 'Edge', { ...props, mesh, registry });
    new Operations(this, 'Operations', { mesh, api, registry, offers, metrics, ledger, contentObjectsArn, retainState: props.retainState });
    return api;
  }

  /** The registry keeps an access record of the REST API, as of an agent. */
  #registerEdge(registry: Registry): void {
    const registration = { id: EDGE_ID };
    new Registration(this, 'EdgeRegistration', {
      mesh: this.name,
      appName: OWNER_APP,
      kind: 'services',
      registration,
    }).node // A service of the version before knows no such registration, and would report it.
      .addDependency(registry);
  }

  #alertKey(removalPolicy: RemovalPolicy): Key {
    // A customer managed key: alarms cannot publish to a topic under the AWS managed key, whose policy excludes CloudWatch.
    // https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
    const key = new Key(this, 'AlertKey', {
      description: `Posthorn (${this.name.stage}): the alert topic`,
      enableKeyRotation: true,
      removalPolicy,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsEncryptAlerts',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return key;
  }

  #alerts(alertEmail: string | undefined): Topic {
    const topic = new Topic(this, 'Alerts', { topicName: alertTopicName(this.name), masterKey: this.alertKey, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (alertEmail !== undefined) {
      Validations.of(topic.addSubscription(new EmailSubscription(alertEmail))).acknowledge({
        id: 'Serverless::Serverless-SNSRedrivePolicy',
        reason: 'A mail that does not arrive is no lost message: the alarm stays in CloudWatch, and the unknown error in the log.',
      });
    }
    return topic;
  }
}
