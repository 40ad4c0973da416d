import { describe, expect, test } from 'vitest';
import { synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const { state, agents } = await synthesizeFixture();
const overridden = await synthesizeFixture({
  agentEnvironment: '{"asking":{"TONE":"gruff"}}',
  logLevel: 'DEBUG',
  traceSampling: '0.25',
  alarms: '{"inboxDepth":{"warning":5,"critical":50}}',
});

const DAYS_14_IN_SECONDS = 1_209_600;
const MIB = 1_048_576;

describe('the queues of an agent', () => {
  const common = { MaximumMessageSize: MIB, MessageRetentionPeriod: DAYS_14_IN_SECONDS, SqsManagedSseEnabled: true };

  test('the inbox redrives after ten receives and hides a message for six timeouts', () => {
    expect(propertiesOf(agents, state, 'AWS::SQS::Queue', 'askingInbox')).toEqual({
      ...common,
      QueueName: 'posthorn-dev-asking-inbox',
      VisibilityTimeout: 6 * 20,
      RedrivePolicy: { deadLetterTargetArn: 'askingDeadLetterQueue.Arn', maxReceiveCount: 10 },
    });
  });

  test.each([
    ['askingErrorQueue', 'posthorn-dev-asking-errors'],
    ['askingDeadLetterQueue', 'posthorn-dev-asking-dlq'],
  ])('%s keeps messages of up to 1 MiB for 14 days, encrypted', (logicalId, QueueName) => {
    expect(propertiesOf(agents, state, 'AWS::SQS::Queue', logicalId)).toEqual({ ...common, QueueName, VisibilityTimeout: 30 });
  });

  test.each(['Inbox', 'ErrorQueue', 'DeadLetterQueue'])('the %s refuses connections without TLS', (queue) => {
    const { PolicyDocument, Queues } = propertiesOf(agents, state, 'AWS::SQS::QueuePolicy', `asking${queue}Policy`);

    expect(Queues).toEqual([`asking${queue}`]);
    expect(PolicyDocument).toMatchObject({
      Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });
});

describe('the function of an agent', () => {
  const lambda = propertiesOf(agents, state, 'AWS::Lambda::Function', 'askingFunction');

  test('runs on Node 24 and ARM with the memory and the timeout of its definition, and logs JSON to a group of its own', () => {
    expect(lambda).toMatchObject({
      FunctionName: 'posthorn-dev-asking',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 20,
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', LogGroup: 'askingFunctionLogs' },
    });
    expect(propertiesOf(agents, state, 'AWS::Logs::LogGroup', 'askingFunctionLogs')).toEqual({
      LogGroupName: '/aws/lambda/posthorn-dev-asking',
      RetentionInDays: 14,
    });
  });

  test('is told where everything is, and of no other agent than those it may send to', () => {
    expect(lambda.Environment).toEqual({
      Variables: {
        POSTHORN_STAGE: 'dev',
        POSTHORN_LEDGER_TABLE: 'state:Ledger',
        POSTHORN_CONTENT_BUCKET: 'state:Content',
        POSTHORN_ALERT_TOPIC_ARN: 'state:Alerts',
        POSTHORN_INBOX_URL: 'askingInbox',
        POSTHORN_ERROR_QUEUE_URL: 'askingErrorQueue',
        POSTHORN_DEAD_LETTER_QUEUE_URL: 'askingDeadLetterQueue',
        POSTHORN_REPLIES_QUEUE_URL: 'state:Replies',
        POSTHORN_TARGETS: '{"answering":"answeringInbox"}',
        POSTHORN_MAX_RECEIVES: '10',
        POSTHORN_TRACE_SAMPLING: '1',
        POWERTOOLS_LOG_LEVEL: 'INFO',
        NODE_OPTIONS: '--enable-source-maps',
        TONE: 'friendly',
      },
    });
    expect(propertiesOf(agents, state, 'AWS::Lambda::Function', 'answeringFunction')).toMatchObject({
      Environment: { Variables: { POSTHORN_TARGETS: '{}' } },
    });
  });

  test('takes what the stage overrides', () => {
    expect(propertiesOf(overridden.agents, overridden.state, 'AWS::Lambda::Function', 'askingFunction')).toMatchObject({
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
      Environment: { Variables: { TONE: 'gruff', POSTHORN_TRACE_SAMPLING: '0.25', POWERTOOLS_LOG_LEVEL: 'DEBUG' } },
    });
  });

  test.each([
    ['asking', 7],
    ['answering', 10],
  ])('%s gets batches of ten, reports failures one by one, and at most %i batches at a time', (agent, MaximumConcurrency) => {
    expect(propertiesOf(agents, state, 'AWS::Lambda::EventSourceMapping', `${agent}InboxMapping`)).toEqual({
      EventSourceArn: `${agent}Inbox.Arn`,
      FunctionName: `${agent}Function`,
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency },
    });
  });
});

describe('the alarms of an agent', () => {
  const alarm = (template: typeof agents, name: string) => propertiesOf(template, state, 'AWS::CloudWatch::Alarm', `askingAlarms${name}`);

  test.each([
    ['dlqdepthcritical', 'dlq-depth-critical', 'askingDeadLetterQueue', 'ApproximateNumberOfMessagesVisible', 0],
    ['errorsdepthwarning', 'errors-depth-warning', 'askingErrorQueue', 'ApproximateNumberOfMessagesVisible', 0],
    ['inboxagewarning', 'inbox-age-warning', 'askingInbox', 'ApproximateAgeOfOldestMessage', 900],
    ['inboxdepthwarning', 'inbox-depth-warning', 'askingInbox', 'ApproximateNumberOfMessagesVisible', 1_000],
  ])('%s tells the alert topic', (logicalId, name, queue, MetricName, Threshold) => {
    expect(alarm(agents, logicalId)).toMatchObject({
      AlarmName: `posthorn-dev-asking-${name}`,
      MetricName,
      Threshold,
      Namespace: 'AWS/SQS',
      Dimensions: [{ Name: 'QueueName', Value: `${queue}.QueueName` }],
      ComparisonOperator: 'GreaterThanThreshold',
      Statistic: 'Maximum',
      TreatMissingData: 'notBreaching',
      AlarmActions: ['state:Alerts'],
    });
  });

  test('there is one for each severity with a level, and none else', () => {
    agents.resourceCountIs('AWS::CloudWatch::Alarm', 2 * 4);
    overridden.agents.resourceCountIs('AWS::CloudWatch::Alarm', 2 * 5);
    expect(alarm(overridden.agents, 'inboxdepthcritical')).toMatchObject({ Threshold: 50 });
  });
});
