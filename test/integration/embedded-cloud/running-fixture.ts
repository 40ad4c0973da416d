import { once } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { EmbeddedCloud, type EmbeddedCloudOptions } from '../../../local/embedded-cloud.ts';
import type { InvocationEvent } from '../../../local/lambda/event-source.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { type FixtureOptions, synthesizeFixture } from '../../helpers/fixture-app.ts';
import { HANG_SECONDS } from '../../helpers/until.ts';

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Tells the test, through the queue `out`, what it was given. Its body says what a message does. Without the SDK, whose loading takes longer than the rest. */
export const SCRIPTED_HANDLER = `
import { setTimeout } from 'node:timers/promises';
const instance = crypto.randomUUID();
const receives = ({ record }) => Number(record.attributes.ApproximateReceiveCount);
const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };
const tell = async (fact) => {
  const body = JSON.stringify({ QueueUrl: process.env.OUT_URL, MessageBody: JSON.stringify({ instance, ...fact }) });
  const response = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(await response.text());
};
export const handler = async (event, context) => {
  await tell({ event, requestId: context.awsRequestId, arn: context.invokedFunctionArn, remaining: context.getRemainingTimeInMillis(), startedAt: Date.now() });
  const scripts = event.Records.map((record) => ({ ...JSON.parse(record.body), record }));
  for (const script of scripts) {
    if (script.exit !== undefined) process.exit(script.exit);
    while (receives(script) < script.spinUntilReceive);
    for (const hoard = []; script.hoards; ) hoard.push(new Array(1_000_000).fill({}));
    if (script.throws) throw new TypeError(script.throws);
    if (script.sleepMs) await setTimeout(script.sleepMs);
  }
  await tell({ endedAt: Date.now() });
  const response = scripts.find((script) => 'response' in script);
  if (response) return response.response;
  const failing = scripts.filter((script) => receives(script) < script.failUntilReceive);
  return { batchItemFailures: failing.map(({ record }) => ({ itemIdentifier: record.messageId })) };
};`;

interface ToldMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A report of the scripted handler. */
export interface Told {
  readonly instance: string;
  readonly requestId?: string;
  readonly arn?: string;
  readonly remaining?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly event?: { readonly Records: readonly (Readonly<Record<string, unknown>> & ToldMessage)[] };
}

export interface RunningFixture {
  readonly cloud: EmbeddedCloud;
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  readonly logs: readonly LogLine[];
  readonly invocations: readonly InvocationEvent[];
  url(queueName: string): Promise<string>;
  send(...scripts: readonly object[]): Promise<void>;
  /** Messages of a queue, deleted, until `count` have come. */
  take(queueName: string, count: number): Promise<readonly string[]>;
  told(count: number): Promise<readonly Told[]>;
  /** Ends the visibility timeout of messages that an invocation was given: the next receive brings those that are left, at any load. */
  comeBack(told: Told | undefined, messageIds?: readonly string[]): Promise<void>;
  /** Visible, delayed and in flight. */
  depth(queueName: string): Promise<number>;
}

/** A fixture that runs until the test has finished. Not for concurrent tests: they use `openFixture`. */
export async function startFixture(
  fixture: Partial<FixtureOptions> = {},
  options: Partial<EmbeddedCloudOptions> = {},
): Promise<RunningFixture> {
  const running = await openFixture(fixture, options);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

export async function openFixture(
  fixture: Partial<FixtureOptions> = {},
  options: Partial<EmbeddedCloudOptions> = {},
): Promise<RunningFixture & AsyncDisposable> {
  const assemblyDirectory = options.assemblyDirectory ?? synthesizeFixture({ handler: SCRIPTED_HANDLER, ...fixture });
  const logs: LogLine[] = [];
  const invocations: InvocationEvent[] = [];
  const cloud = await EmbeddedCloud.start({
    port: 0,
    onLog: (line) => logs.push(line),
    onInvocation: (event) => invocations.push(event),
    ...options,
    assemblyDirectory,
  });
  return { cloud, logs, invocations, ...clients(cloud.endpoint), [Symbol.asyncDispose]: () => cloud.stop() };
}

/** The SDK clients' side of a fixture, for one that runs elsewhere too. */
export function clients(endpoint: string): Omit<RunningFixture, 'cloud' | 'logs' | 'invocations'> {
  const settings = { endpoint, region: 'us-east-1', credentials };
  const sqs = new SQSClient(settings);
  const url = async (name: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';
  const take = async (queueName: string, count: number) => {
    const QueueUrl = await url(queueName);
    const bodies: string[] = [];
    const deadline = Date.now() + HANG_SECONDS * 1_000;
    while (bodies.length < count) {
      if (Date.now() > deadline) throw new Error(`${queueName} gave ${bodies.length} of ${count} messages in ${HANG_SECONDS} s`);
      const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: Math.min(10, count - bodies.length), WaitTimeSeconds: 2 });
      for (const { Body = '', ReceiptHandle } of (await sqs.send(request)).Messages ?? []) {
        bodies.push(Body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
    return bodies;
  };
  return {
    sqs,
    dynamo: new DynamoDBClient(settings),
    url,
    take,
    async send(...scripts) {
      const QueueUrl = await url('inbox');
      for (let start = 0; start < scripts.length; start += 10) {
        const Entries = scripts
          .slice(start, start + 10)
          .map((script, index) => ({ Id: String(index), MessageBody: JSON.stringify(script) }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    told: async (count) => (await take('out', count)).map((body): Told => JSON.parse(body)),
    async comeBack(told, messageIds) {
      const QueueUrl = await url('inbox');
      for (const { messageId, receiptHandle } of told?.event?.Records ?? []) {
        if (messageIds !== undefined && !messageIds.includes(messageId)) continue;
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
      }
    },
    async depth(queueName) {
      const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await url(queueName), AttributeNames: [...names] }),
      );
      return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    },
  };
}

/** Resolves when a process has ended. */
export async function ended(child: import('node:child_process').ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
