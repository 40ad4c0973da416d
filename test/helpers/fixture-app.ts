import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { ApplicationLogLevel, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';

export interface FixtureOptions {
  /** The source of `index.mjs`, which exports `handler`. */
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 30 */
  readonly timeoutSeconds?: number;
  /** @default 600 */
  readonly visibilitySeconds?: number;
  /** @default 3 */
  readonly maxReceiveCount?: number;
  /** The level from which on logs in JSON are written. @default logs in text, where Lambda filters nothing */
  readonly jsonLogLevel?: keyof typeof ApplicationLogLevel;
  /** @default nodejs24.x */
  readonly runtime?: string;
  /** @default batch size 10, reports batch item failures */
  readonly eventSource?: SqsEventSourceProps;
}

/**
 * A small app in two stacks, as the mesh has them: a queue with a dead-letter queue, a table, a bucket and a topic in one; a function
 * that the queue feeds in the other, which is told the names of all. Names: `inbox`, `dead`, `out`, `ledger`, `content-000000000000`.
 *
 * @returns the assembly's directory
 */
export function synthesizeFixture(options: FixtureOptions): string {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-cloud-'));
  const code = mkdtempSync(join(tmpdir(), 'embedded-cloud-code-'));
  writeFileSync(join(code, 'index.mjs'), options.handler);
  const app = new App({ outdir: directory, analyticsReporting: false });

  const state = new Stack(app, 'fixture-state');
  const dead = new Queue(state, 'Dead', { queueName: 'dead' });
  const inbox = new Queue(state, 'Inbox', {
    queueName: 'inbox',
    visibilityTimeout: Duration.seconds(options.visibilitySeconds ?? 600),
    deadLetterQueue: { queue: dead, maxReceiveCount: options.maxReceiveCount ?? 3 },
  });
  const out = new Queue(state, 'Out', { queueName: 'out' });
  const ledger = new Table(state, 'Ledger', {
    tableName: 'ledger',
    partitionKey: { name: 'messageKey', type: AttributeType.STRING },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  ledger.addGlobalSecondaryIndex({ indexName: 'by-trace', partitionKey: { name: 'traceId', type: AttributeType.STRING } });
  const content = new Bucket(state, 'Content', { bucketName: `content-${state.account}` });
  const alerts = new Topic(state, 'Alerts', { topicName: 'alerts' });

  const agents = new Stack(app, 'fixture-agents');
  const worker = new LambdaFunction(agents, 'Worker', {
    functionName: 'worker',
    runtime: options.runtime === undefined ? Runtime.NODEJS_24_X : new Runtime(options.runtime),
    handler: 'index.handler',
    code: Code.fromAsset(code),
    timeout: Duration.seconds(options.timeoutSeconds ?? 30),
    memorySize: 256,
    ...(options.jsonLogLevel && { loggingFormat: LoggingFormat.JSON, applicationLogLevelV2: ApplicationLogLevel[options.jsonLogLevel] }),
    environment: {
      OUT_URL: out.queueUrl,
      LEDGER: ledger.tableName,
      CONTENT: content.bucketName,
      ALERTS: alerts.topicArn,
      ...options.environment,
    },
  });
  worker.addEventSource(new SqsEventSource(inbox, { batchSize: 10, reportBatchItemFailures: true, ...options.eventSource }));
  new CfnOutput(agents, 'WorkerArn', { value: worker.functionArn });
  app.synth();
  return directory;
}
