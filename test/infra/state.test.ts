import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { IGNORED_MESSAGE } from '../../events/registration.ts';
import { synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const dev = synthesizeFixture();
const prod = synthesizeFixture({ stage: 'prod', alertEmail: 'on-call@example.com' });
const { state } = dev;

describe('the ledger', () => {
  test('is keyed by message, billed on demand, restorable, and forgets after its TTL', () => {
    expect(propertiesOf(state, state, 'AWS::DynamoDB::Table', 'Ledger')).toMatchObject({
      TableName: 'posthorn-dev-ledger',
      KeySchema: [{ AttributeName: 'messageKey', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('has an index of journeys and one of open records, which hold keys only', () => {
    expect(propertiesOf(state, state, 'AWS::DynamoDB::Table', 'Ledger')).toMatchObject({
      AttributeDefinitions: [
        { AttributeName: 'messageKey', AttributeType: 'S' },
        { AttributeName: 'journey', AttributeType: 'S' },
        { AttributeName: 'startedAt', AttributeType: 'N' },
        { AttributeName: 'open', AttributeType: 'S' },
        { AttributeName: 'since', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [indexOf('by-journey', 'journey', 'startedAt'), indexOf('by-open', 'open', 'since')],
    });
  });

  test('has an index by trace id where the stage asks for it, and the agents know', () => {
    const traced = synthesizeFixture({ traceIndex: true });
    expect(propertiesOf(traced.state, traced.state, 'AWS::DynamoDB::Table', 'Ledger')).toMatchObject({
      GlobalSecondaryIndexes: [expect.anything(), expect.anything(), indexOf('by-trace', 'traceId', 'startedAt')],
    });
    expect(propertiesOf(traced.agent('asking'), traced.state, 'AWS::Lambda::Function', 'AgentFunction')).toMatchObject({
      Environment: { Variables: { POSTHORN_TRACE_INDEX: 'true' } },
    });
  });

  const indexOf = (IndexName: string, hash: string, range: string) => ({
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
});

describe('the content bucket', () => {
  test('is encrypted, private, owned by the account, and lets content go', () => {
    expect(propertiesOf(state, state, 'AWS::S3::Bucket', 'Content')).toEqual({
      BucketName: 'posthorn-dev-content-AWS::AccountId-AWS::Region',
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          { Id: 'expire-content', Status: 'Enabled', ExpirationInDays: 45 },
          { Id: 'abort-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        ],
      },
    });
  });

  test('refuses connections without TLS 1.2', () => {
    state.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      },
    });
  });
});

describe('the alert topic', () => {
  test('is encrypted with a key of the mesh that alarms may use', () => {
    expect(propertiesOf(state, state, 'AWS::SNS::Topic', 'Alerts')).toEqual({
      TopicName: 'posthorn-dev-alerts',
      KmsMasterKeyId: 'AlertKey.Arn',
    });
    state.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('takes messages over TLS only, and alarms of this account only', () => {
    expect(propertiesOf(state, state, 'AWS::SNS::TopicPolicy', 'AlertsPolicy')).toMatchObject({
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: 'Alerts',
            Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
          },
        ],
      },
    });
  });

  test('mails whoever the stage names', () => {
    state.resourceCountIs('AWS::SNS::Subscription', 0);
    prod.state.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'on-call@example.com' });
  });
});

describe.each([
  ['dev', dev],
  ['prod', prod],
])('the registry of stage %s', (stage, synthesized) => {
  test('raises an alarm when a run fails, and when it ignores a registration', () => {
    const alarm = { Threshold: 0, EvaluationPeriods: 3, DatapointsToAlarm: 1, TreatMissingData: 'notBreaching', Statistic: 'Sum' };
    const toTopic = [{ 'Fn::Join': ['', Match.arrayWith([`:posthorn-${stage}-alerts`])] }];
    const metricName = `posthorn-${stage}-ignored-registrations`;

    for (const [name, metric] of [
      ['failed-runs-critical', { Namespace: 'AWS/Lambda', MetricName: 'Errors' }],
      ['ignored-warning', { Namespace: 'Posthorn', MetricName: metricName }],
    ] as const) {
      const AlarmName = `posthorn-${stage}-mesh-registry-${name}`;
      const properties = { AlarmName, ...metric, ...alarm, AlarmActions: toTopic, OKActions: toTopic };
      synthesized.state.hasResourceProperties('AWS::CloudWatch::Alarm', properties);
    }
    synthesized.state.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: `{ $.message = "${IGNORED_MESSAGE}" }`,
      MetricTransformations: [{ MetricNamespace: 'Posthorn', MetricName: metricName, MetricValue: '1' }],
    });
  });
});

describe('the probe', () => {
  const alarm = (synthesized: typeof dev, name: string) =>
    propertiesOf(synthesized.state, synthesized.state, 'AWS::CloudWatch::Alarm', `Metrics${name}warning`);

  test('raises an alarm when its runs fail, and when it does not run', () => {
    const common = { Namespace: 'AWS/Lambda', Statistic: 'Sum', Period: 60 };
    const toTopic = ['arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:posthorn-dev-alerts'];
    const actions = { AlarmActions: toTopic, OKActions: toTopic };

    expect(alarm(dev, 'failedruns')).toMatchObject({
      ...common,
      ...actions,
      AlarmName: 'posthorn-dev-mesh-probe-failed-runs-warning',
      MetricName: 'Errors',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    });
    expect(alarm(dev, 'noruns')).toMatchObject({
      ...common,
      ...actions,
      AlarmName: 'posthorn-dev-mesh-probe-no-runs-warning',
      MetricName: 'Invocations',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 5,
      TreatMissingData: 'breaching',
    });
  });

  test('runs as often as the setting says, and its alarms follow', () => {
    const seldom = synthesizeFixture({ probeMinutes: '10' });
    const schedule = (synthesized: typeof dev) =>
      propertiesOf(synthesized.state, synthesized.state, 'AWS::Events::Rule', 'MetricsSchedule').ScheduleExpression;

    expect([schedule(dev), schedule(seldom)]).toEqual(['rate(1 minute)', 'rate(10 minutes)']);
    expect(propertiesOf(seldom.state, seldom.state, 'AWS::Lambda::Function', 'MetricsProbeFunction')).toMatchObject({
      Environment: { Variables: { POSTHORN_PROBE_MINUTES: '10' } },
    });
    expect([alarm(seldom, 'failedruns').Period, alarm(seldom, 'noruns').Period]).toEqual([600, 600]);
  });
});

test('the replies queue is as every queue of the mesh is', () => {
  expect(propertiesOf(state, state, 'AWS::SQS::Queue', 'Replies')).toEqual({
    QueueName: 'posthorn-dev-replies',
    MaximumMessageSize: 1_048_576,
    MessageRetentionPeriod: 1_209_600,
    SqsManagedSseEnabled: true,
    RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    VisibilityTimeout: 30,
  });
});

describe('a stage', () => {
  test.each([
    ['state', 'AWS::S3::Bucket'],
    ['state', 'AWS::KMS::Key'],
    ['state', 'AWS::SQS::Queue'],
    ['agent', 'AWS::SQS::Queue'],
    ['agent', 'AWS::Logs::LogGroup'],
  ])('prod keeps what is in its %s stack of %s, unless it was never used, dev does not', (stack, type) => {
    const templateOf = (synthesized: typeof dev) => (stack === 'state' ? synthesized.state : synthesized.agent('asking'));

    templateOf(prod).allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    templateOf(dev).allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('prod keeps its ledger, which no rollback could delete, dev does not', () => {
    prod.state.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { TableName: 'posthorn-prod-ledger' },
    });
    state.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('prod guards each of its stacks against deletion, dev does not', () => {
    expect(dev.protectedStacks).toEqual([]);
    expect(prod.protectedStacks).toEqual(['posthorn-prod-state', 'posthorn-prod-agent-answering', 'posthorn-prod-agent-asking']);
  });

  test('prod guards its ledger against deletion, dev does not', () => {
    prod.state.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    state.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  });

  test('prod keeps logs longer, indexes all journeys as dev does, and has a critical level for backlogs', () => {
    expect(propertiesOf(prod.agent('asking'), prod.state, 'AWS::Logs::LogGroup', 'AgentFunctionLogs')).toMatchObject({
      RetentionInDays: 90,
    });
    expect(propertiesOf(prod.agent('asking'), prod.state, 'AWS::Lambda::Function', 'AgentFunction')).toMatchObject({
      FunctionName: 'posthorn-prod-asking',
      Environment: { Variables: { POSTHORN_JOURNEY_SAMPLING: '1' } },
    });
    prod.agent('asking').resourceCountIs('AWS::CloudWatch::Alarm', 6);
  });
});
