import { describe, expect, test } from 'vitest';
import { synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const { state, agent } = synthesizeFixture();
const asking = agent('asking');
const overridden = synthesizeFixture({
  agentEnvironment: '{"asking":{"TONE":"gruff"}}',
  logLevel: 'DEBUG',
  journeySampling: '0.25',
  alarms: '{"inboxDepth":{"warning":5,"critical":50}}',
});

const DAY_IN_SECONDS = 86_400;
const MIB = 1_048_576;

describe('the queues of an agent', () => {
  const common = { MaximumMessageSize: MIB, SqsManagedSseEnabled: true };
  const denyAll = { redrivePermission: 'denyAll' };

  test('the inbox keeps messages for 7 days, redrives after ten receives and hides a message for six timeouts', () => {
    expect(propertiesOf(asking, state, 'AWS::SQS::Queue', 'AgentInbox')).toEqual({
      ...common,
      MessageRetentionPeriod: 7 * DAY_IN_SECONDS,
      RedriveAllowPolicy: denyAll,
      QueueName: 'posthorn-dev-asking-inbox',
      VisibilityTimeout: 6 * 20,
      RedrivePolicy: { deadLetterTargetArn: 'AgentDeadLetterQueue.Arn', maxReceiveCount: 10 },
      Tags: [{ Key: 'posthorn:capability:asking', Value: 'posthorn-dev' }],
    });
  });

  test.each([
    ['AgentErrorQueue', 'posthorn-dev-asking-errors', denyAll],
    [
      'AgentDeadLetterQueue',
      'posthorn-dev-asking-dlq',
      {
        redrivePermission: 'byQueue',
        sourceQueueArns: ['arn:AWS::Partition:sqs:AWS::Region:AWS::AccountId:posthorn-dev-asking-inbox'],
      },
    ],
  ])('%s keeps messages of up to 1 MiB for 14 days, encrypted', (logicalId, QueueName, RedriveAllowPolicy) => {
    expect(propertiesOf(asking, state, 'AWS::SQS::Queue', logicalId)).toEqual({
      ...common,
      MessageRetentionPeriod: 14 * DAY_IN_SECONDS,
      RedriveAllowPolicy,
      QueueName,
      VisibilityTimeout: 30,
    });
  });

  test.each(['Inbox', 'ErrorQueue', 'DeadLetterQueue'])('the %s refuses connections without TLS', (queue) => {
    const { PolicyDocument, Queues } = propertiesOf(asking, state, 'AWS::SQS::QueuePolicy', `Agent${queue}Policy`);

    expect(Queues).toEqual([`Agent${queue}`]);
    expect(PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]),
    });
  });
});

describe('the function of an agent', () => {
  const lambda = propertiesOf(asking, state, 'AWS::Lambda::Function', 'AgentFunction');

  test('runs on Node 24 and ARM with the memory and the timeout of its definition, and logs JSON to a group of its own', () => {
    expect(lambda).toMatchObject({
      FunctionName: 'posthorn-dev-asking',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 20,
      RecursiveLoop: 'Allow',
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', LogGroup: 'AgentFunctionLogs' },
    });
    expect(propertiesOf(asking, state, 'AWS::Logs::LogGroup', 'AgentFunctionLogs')).toEqual({
      LogGroupName: '/aws/lambda/posthorn-dev-asking',
      RetentionInDays: 14,
    });
  });

  test('is told where everything is, and of no other agent than those it may send to', () => {
    expect(lambda.Environment).toEqual({
      Variables: {
        POSTHORN_LEDGER_TABLE: 'state:Ledger',
        POSTHORN_REGISTRY_TABLE: 'state:RegistryTable',
        POSTHORN_METRICS_TABLE: 'state:MetricsTable',
        POSTHORN_AUTHENTICATION: 'iam',
        POSTHORN_CONTENT_BUCKET: 'state:Content',
        POSTHORN_ALERT_TOPIC_ARN: 'state:Alerts',
        POSTHORN_INBOX_URL: 'AgentInbox',
        POSTHORN_ERROR_QUEUE_URL: 'AgentErrorQueue',
        POSTHORN_DEAD_LETTER_QUEUE_URL: 'AgentDeadLetterQueue',
        POSTHORN_REPLIES_QUEUE_URL: 'state:Replies',
        POSTHORN_TARGETS: '{"inboxUrl":"(AgentInbox before posthorn-dev-asking-inbox)posthorn-dev-{agent}-inbox","agents":["answering"]}',
        POSTHORN_MAX_RECEIVES: '10',
        POSTHORN_JOURNEY_SAMPLING: '1',
        POWERTOOLS_LOG_LEVEL: 'INFO',
        NODE_OPTIONS: '--enable-source-maps',
        TONE: 'friendly',
      },
    });
    expect(propertiesOf(agent('answering'), state, 'AWS::Lambda::Function', 'AgentFunction')).toMatchObject({
      Environment: { Variables: { POSTHORN_TARGETS: expect.stringMatching(/"agents":\[\]}$/) } },
    });
  });

  test('takes what the stage overrides', () => {
    expect(propertiesOf(overridden.agent('asking'), overridden.state, 'AWS::Lambda::Function', 'AgentFunction')).toMatchObject({
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
      Environment: { Variables: { TONE: 'gruff', POSTHORN_JOURNEY_SAMPLING: '0.25', POWERTOOLS_LOG_LEVEL: 'DEBUG' } },
    });
  });

  test.each([
    ['asking', 7],
    ['answering', 10],
  ])('%s gets batches of ten, reports failures one by one, and at most %i batches at a time', (id, MaximumConcurrency) => {
    expect(propertiesOf(agent(id), state, 'AWS::Lambda::EventSourceMapping', 'AgentInboxMapping')).toEqual({
      EventSourceArn: 'AgentInbox.Arn',
      FunctionName: 'AgentFunction',
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency },
    });
  });
});

describe('the alarms of an agent', () => {
  const alarm = (template: typeof asking, name: string) => propertiesOf(template, state, 'AWS::CloudWatch::Alarm', `AgentAlarms${name}`);

  test.each([
    ['dlqdepthcritical', 'dlq-depth-critical', 'AgentDeadLetterQueue', 'ApproximateNumberOfMessagesVisible', 0],
    ['errorsdepthwarning', 'errors-depth-warning', 'AgentErrorQueue', 'ApproximateNumberOfMessagesVisible', 0],
    ['inboxagewarning', 'inbox-age-warning', 'AgentInbox', 'ApproximateAgeOfOldestMessage', 900],
    ['inboxdepthwarning', 'inbox-depth-warning', 'AgentInbox', 'ApproximateNumberOfMessagesVisible', 1_000],
  ])('%s tells the alert topic when it begins and when it ends', (logicalId, name, queue, MetricName, Threshold) => {
    expect(alarm(asking, logicalId)).toMatchObject({
      AlarmName: `posthorn-dev-asking-${name}`,
      MetricName,
      Threshold,
      Namespace: 'AWS/SQS',
      Dimensions: [{ Name: 'QueueName', Value: `${queue}.QueueName` }],
      ComparisonOperator: 'GreaterThanThreshold',
      Statistic: 'Maximum',
      TreatMissingData: 'notBreaching',
      AlarmActions: ['state:Alerts'],
      OKActions: ['state:Alerts'],
    });
  });

  test('there is one for each severity with a level, and none else', () => {
    asking.resourceCountIs('AWS::CloudWatch::Alarm', 4);
    overridden.agent('asking').resourceCountIs('AWS::CloudWatch::Alarm', 5);
    expect(alarm(overridden.agent('asking'), 'inboxdepthcritical')).toMatchObject({ Threshold: 50 });
  });
});
