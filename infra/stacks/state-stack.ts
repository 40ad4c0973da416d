import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { INDEXED_ATTRIBUTES } from '../../events/ledger-record.ts';
import {
  alertTopicName,
  contentBucketName,
  ledgerTableName,
  repliesQueueName,
  stateStackName,
  TRACE_INDEX_NAME,
} from '../../events/names.ts';
import { removalPolicyOf, type Settings } from '../config.ts';
import { MeshQueue } from '../constructs/mesh-queue.ts';

/** Longer than a message can live: 7 days in an inbox, 14 in the dead-letter queue, and the same again once redriven. */
const CONTENT_DAYS = 45;

export interface StateStackProps {
  readonly settings: Settings;
}

/** What outlives the agents' code: ledger, content, replies and the alert topic. */
export class StateStack extends Stack {
  readonly ledger: Table;
  readonly content: Bucket;
  /** The objects that an agent may read and write: content under its digest. */
  readonly contentObjectsArn: string;
  readonly replies: MeshQueue;
  readonly alerts: Topic;
  readonly alertKey: Key;

  constructor(scope: Construct, { settings }: StateStackProps) {
    const { stage, retainState } = settings;
    super(scope, stateStackName(settings), {
      description: `Posthorn (${stage}): ledger, content, replies and alerts`,
      terminationProtection: retainState,
    });
    const removalPolicy = removalPolicyOf(settings);

    this.ledger = new Table(this, 'Ledger', {
      tableName: ledgerTableName(settings),
      partitionKey: { name: 'messageKey', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retainState,
      // Not as everything else that is kept: a protected table cannot be deleted, not even by the rollback of a first deployment,
      // which would fail on it. As it is, the rollback ends and leaves an empty table, to be deleted by hand before the next one.
      removalPolicy: retainState ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.ledger.addGlobalSecondaryIndex({
      indexName: TRACE_INDEX_NAME,
      partitionKey: { name: 'traceId', type: AttributeType.STRING },
      sortKey: { name: 'startedAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...INDEXED_ATTRIBUTES],
    });

    this.content = new Bucket(this, 'Content', {
      bucketName: contentBucketName(settings, Aws.ACCOUNT_ID, Aws.REGION),
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
    // By name and not by reference, which would hide the pattern behind the name of an export.
    this.contentObjectsArn = this.formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: `${contentBucketName(settings, Aws.ACCOUNT_ID, Aws.REGION)}/sha-256/*`,
    });

    this.replies = new MeshQueue(this, 'Replies', {
      settings,
      queueName: repliesQueueName(settings),
      noDeadLetterQueueBecause: 'Its readers are outside the mesh, and a reply that nobody takes is not a message that failed.',
    });

    // A key of its own: alarms cannot publish to a topic under the AWS managed key, whose policy leaves CloudWatch out.
    // https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
    this.alertKey = new Key(this, 'AlertKey', {
      description: `Posthorn (${stage}): the alert topic`,
      enableKeyRotation: true,
      removalPolicy,
    });
    this.alertKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsEncryptAlerts',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.alerts = new Topic(this, 'Alerts', { topicName: alertTopicName(settings), masterKey: this.alertKey, enforceSSL: true });
    this.alerts.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.alerts.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (settings.alertEmail !== undefined) {
      const subscription = this.alerts.addSubscription(new EmailSubscription(settings.alertEmail));
      Validations.of(subscription).acknowledge({
        id: 'Serverless::Serverless-SNSRedrivePolicy',
        reason: 'A mail that does not arrive is no lost message: the alarm stays in CloudWatch, and the unknown error in the log.',
      });
    }
  }
}
