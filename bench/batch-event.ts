import { createHash } from 'node:crypto';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';

export interface BatchOptions {
  /** @default 10 */
  readonly size?: number;
  /** Of ten messages, those that begin a sampled trace. @default 1, as in production */
  readonly sampledOfTen?: number;
}

/** A batch of small, different messages. Event `n` is the same in every run. */
export function batchEvent(run: string, batch: number, { size = 10, sampledOfTen = 1 }: BatchOptions = {}): SQSEvent {
  return { Records: Array.from({ length: size }, (_, index) => record(run, batch * size + index, sampledOfTen)) };
}

const TOKEN = process.env.BENCH_TOKEN;

const tokenAttribute = (stringValue: string) => ({ stringValue, dataType: 'String', stringListValues: [], binaryListValues: [] });

function record(run: string, number: number, sampledOfTen: number): SQSRecord {
  const hex = createHash('md5').update(`${run} ${number}`).digest('hex');
  const body = JSON.stringify({
    specversion: '1.0',
    id: `${run}-${number}`,
    source: '/shop',
    type: 'order.placed',
    time: '2026-11-20T12:00:00.000Z',
    traceparent: `00-${hex}-${hex.slice(0, 16)}-${number % 10 < sampledOfTen ? '01' : '00'}`,
    data: { orderId: `order-${number}`, quantity: 1 + (number % 7), note: 'leave it at the door' },
  });
  return {
    messageId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    receiptHandle: `receipt-${number}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.now()),
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: TOKEN === undefined ? {} : { authorization: tokenAttribute(TOKEN) },
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:relay-inbox',
    awsRegion: 'us-east-1',
  };
}

const TIMEOUT_MS = 30_000;

export function lambdaContext(requestId: string): Context {
  const endsAt = Date.now() + TIMEOUT_MS;
  return {
    awsRequestId: requestId,
    functionName: 'relay',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:relay',
    memoryLimitInMB: '512',
    logGroupName: '/aws/lambda/relay',
    logStreamName: 'bench',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
