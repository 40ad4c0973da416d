import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { Agent, AgentStack, type IMesh, Mesh, MeshStack } from '../../infra/index.ts';
import { fixtureAgents } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

// As an app of someone else: no feature flag of cdk.json, no setting.
const withoutBundling = () => new App({ context: { 'aws:cdk:bundling-stacks': [] }, autoSynth: false });

const [answering, asking] = fixtureAgents;
if (answering === undefined || asking === undefined) throw new Error('the fixture agents are gone');

const app = withoutBundling();
const stack = new Stack(app, 'everything');
const mesh = new Mesh(stack, 'Mesh', { name: { prefix: 'acme' } });
const agent = new Agent(stack, 'Asking', { ...asking, mesh });
const reports = new Bucket(stack, 'Reports');
reports.grantRead(agent);

const imported = new Stack(app, 'imported');
const existing: IMesh = {
  name: { prefix: 'acme', stage: 'dev' },
  ledger: Table.fromTableName(imported, 'Ledger', 'their-ledger'),
  registry: Table.fromTableName(imported, 'Registry', 'their-registry'),
  offers: Table.fromTableName(imported, 'Offers', 'their-offers'),
  metrics: Table.fromTableName(imported, 'Metrics', 'their-metrics'),
  content: Bucket.fromBucketName(imported, 'Content', 'their-content'),
  contentObjectsArn: 'arn:aws:s3:::their-content/sha-256/*',
  replies: Queue.fromQueueArn(imported, 'Replies', 'arn:aws:sqs:eu-west-1:111122223333:their-replies'),
  alerts: Topic.fromTopicArn(imported, 'Alerts', 'arn:aws:sns:eu-west-1:111122223333:their-alerts'),
  alertKey: Key.fromKeyArn(imported, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/their-key'),
};
new Agent(imported, 'Answering', {
  ...answering,
  mesh: existing,
  environment: { LANGUAGE: 'en' },
  logLevel: 'ERROR',
  logRetentionDays: 7,
  journeySampling: 0.5,
  retainState: false,
  alarms: { inboxDepth: {} },
});

const own = Template.fromStack(stack);
const other = Template.fromStack(imported);

test('a mesh and its agents may be one stack among others, without a setting or a feature flag of this repository', () => {
  expect(propertiesOf(own, own, 'AWS::DynamoDB::Table', 'MeshLedger')).toMatchObject({ TableName: 'acme-dev-ledger' });
  expect(propertiesOf(own, own, 'AWS::SQS::Queue', 'AskingInbox')).toMatchObject({ QueueName: 'acme-dev-asking-inbox' });
  expect(propertiesOf(own, own, 'AWS::Lambda::Function', 'AskingFunction')).toMatchObject({
    FunctionName: 'acme-dev-asking',
    Environment: { Variables: { POSTHORN_LEDGER_TABLE: 'MeshLedger', POSTHORN_REPLIES_QUEUE_URL: 'MeshReplies' } },
  });
});

test('what a mesh or an agent is not told has the documented default', () => {
  expect(propertiesOf(own, own, 'AWS::DynamoDB::Table', 'MeshLedger')).toMatchObject({ DeletionProtectionEnabled: true });
  own.allResources('AWS::SQS::Queue', { DeletionPolicy: 'RetainExceptOnCreate' });
  own.resourceCountIs('AWS::SNS::Subscription', 0);
  own.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  expect(propertiesOf(own, own, 'AWS::Logs::LogGroup', 'AskingFunctionLogs')).toMatchObject({ RetentionInDays: 90 });
  expect(propertiesOf(own, own, 'AWS::Lambda::Function', 'AskingFunction')).toMatchObject({
    LoggingConfig: { ApplicationLogLevel: 'INFO' },
    Environment: { Variables: { TONE: 'friendly', POSTHORN_JOURNEY_SAMPLING: '1' } },
  });
  const levels = Object.values(own.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => [
    Properties.AlarmName,
    Properties.Threshold,
  ]);
  expect(Object.fromEntries(levels)).toEqual({
    'acme-dev-asking-dlq-depth-critical': 0,
    'acme-dev-asking-errors-depth-warning': 0,
    'acme-dev-asking-inbox-age-warning': 300,
    'acme-dev-asking-inbox-age-critical': 3_600,
    'acme-dev-asking-inbox-depth-warning': 10_000,
    'acme-dev-asking-inbox-depth-critical': 100_000,
    'acme-dev-mesh-probe-above-goal-warning': 0,
    'acme-dev-mesh-probe-braked-warning': 0,
    'acme-dev-mesh-probe-failed-runs-warning': 0,
    'acme-dev-mesh-probe-left-messages-warning': 0,
    'acme-dev-mesh-probe-no-runs-warning': 1,
    'acme-dev-mesh-probe-nobody-healthy-critical': 0,
    'acme-dev-mesh-probe-rolled-back-warning': 0,
    'acme-dev-mesh-registry-failed-runs-critical': 0,
    'acme-dev-mesh-registry-ignored-warning': 0,
  });
});

test('an agent takes grants of its app', () => {
  expect(JSON.stringify(propertiesOf(own, own, 'AWS::IAM::Policy', 'AskingFunctionRoleDefaultPolicy'))).toContain(
    '"Resource":["Reports.Arn","Reports.Arn/*"]',
  );
});

test('an agent works with resources of any origin, and takes what it is told', () => {
  other.resourceCountIs('AWS::DynamoDB::Table', 0);
  expect(propertiesOf(other, other, 'AWS::Lambda::Function', 'AnsweringFunction')).toMatchObject({
    LoggingConfig: { ApplicationLogLevel: 'ERROR' },
    Environment: {
      Variables: {
        LANGUAGE: 'en',
        POSTHORN_LEDGER_TABLE: 'their-ledger',
        POSTHORN_CONTENT_BUCKET: 'their-content',
        POSTHORN_ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:their-alerts',
        POSTHORN_REPLIES_QUEUE_URL: '(AnsweringInbox before acme-dev-answering-inbox)their-replies',
        POSTHORN_JOURNEY_SAMPLING: '0.5',
        POWERTOOLS_LOG_LEVEL: 'ERROR',
      },
    },
  });
  expect(propertiesOf(other, other, 'AWS::Logs::LogGroup', 'AnsweringFunctionLogs')).toMatchObject({ RetentionInDays: 7 });
  other.allResources('AWS::SQS::Queue', { DeletionPolicy: 'Delete' });
  other.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateNumberOfMessagesVisible' }, 2);
  const policy = JSON.stringify(propertiesOf(other, other, 'AWS::IAM::Policy', 'AnsweringFunctionRoleDefaultPolicy'));
  for (const granted of [
    'arn:AWS::Partition:dynamodb:AWS::Region:AWS::AccountId:table/their-ledger',
    'arn:aws:s3:::their-content/sha-256/*',
    'arn:aws:sqs:eu-west-1:111122223333:their-replies',
    'arn:aws:sns:eu-west-1:111122223333:their-alerts',
    'arn:aws:kms:eu-west-1:111122223333:key/their-key',
  ])
    expect(policy).toContain(`"${granted}"`);
});

test('stacks of an account and a region of their own are named by the rule', () => {
  const placed = withoutBundling();
  const env = { account: '111122223333', region: 'eu-west-1' };
  const state = new MeshStack(placed, { env, name: { stage: 'prod' } });
  const agentStack = new AgentStack(placed, { ...answering, env, mesh: state.mesh });

  expect(
    [state, agentStack].map(({ stackName, account, region, terminationProtection }) => [stackName, account, region, terminationProtection]),
  ).toEqual([
    ['posthorn-prod-state', '111122223333', 'eu-west-1', true],
    ['posthorn-prod-agent-answering', '111122223333', 'eu-west-1', true],
  ]);
});

test('a name that does not fit is refused by its part', () => {
  expect(() => new Mesh(new Stack(), 'Mesh', { name: { stage: 'pr-142' } })).toThrow(
    new RangeError("stage 'pr-142': must be 1 to 12 lower-case letters and digits, starting with a letter"),
  );
  expect(() => Mesh.join(new Stack(), { prefix: 'x' })).toThrow(/^prefix 'x': must be 2 to 14/);
});
