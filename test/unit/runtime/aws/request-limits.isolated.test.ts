import type { RequestListener } from 'node:http';
import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { lambdaHandler } from '../../../../functions/runtime/aws/lambda-handler.ts';
import { S3ContentStore } from '../../../../functions/runtime/aws/s3-content-store.ts';
import { SnsAlerts } from '../../../../functions/runtime/aws/sns-alerts.ts';
import { createBatch, createMessage } from '../../../helpers/records.ts';
import { startAws } from './local-aws.ts';

type Limits = Readonly<Record<string, number | boolean>>;

/** The limits that are in force, but none longer than this: less may pass on a busy machine before a request has arrived. */
vi.mock('../../../../functions/runtime/aws/request-limits.ts', async (importActual) => {
  const shorter = (limits: Limits) =>
    Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, typeof limit === 'number' ? Math.min(limit, 2_000) : limit]));
  const actual = await importActual<Readonly<Record<string, Limits>>>();
  return Object.fromEntries(Object.entries(actual).map(([name, limits]) => [name, shorter(limits)]));
});

const TIMED_OUT = expect.objectContaining({ name: 'TimeoutError' });
const never: RequestListener = () => {};
/** Above what the SDK sends without asking first whether it may. */
const LARGE = new Uint8Array(3 * 1_048_576);

beforeAll(async () => {
  // Loaded when they are needed: not in a test's time.
  await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/client-sns')]);
});

describe('A content store', () => {
  it('is not waited for when it never answers', async () => {
    await startAws(never);
    const store = new S3ContentStore('content');

    await expect(store.get('key', 3)).rejects.toEqual(TIMED_OUT);
    await expect(store.put('key', Buffer.from('abc'), 'text/plain')).rejects.toEqual(TIMED_OUT);
  });

  it('is not waited for when it never lets an upload begin', async () => {
    await startAws(never, false);

    await expect(new S3ContentStore('content').put('key', LARGE, 'text/plain')).rejects.toEqual(TIMED_OUT);
  });

  it.each([
    ['', {}],
    [' that is checked on its way', { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-type': 'FULL_OBJECT' }],
  ])('is not waited for when a body%s stands still half way', async (_what, headers) => {
    await startAws((_request, response) => {
      response.writeHead(200, { 'content-length': '6', ...headers });
      response.write('abc');
    });

    await expect(new S3ContentStore('content').get('key', 6)).rejects.toEqual(TIMED_OUT);
  });
});

describe('An alert', () => {
  it('gives up when SNS does not answer', async () => {
    await startAws(never);
    const alerts = new SnsAlerts('arn:aws:sns:eu-central-1:123456789012:alerts');

    await expect(alerts.publish({ fingerprint: 'f', subject: 's', details: {} })).rejects.toEqual(TIMED_OUT);
  });
});

describe('An agent', () => {
  it.each<[string, RequestListener]>([
    ['never answer', never],
    ['stand still half way', (_request, response) => void response.writeHead(200, { 'content-length': '6' }).write('{')],
  ])('gives its messages back when ledger and queues %s', async (_what, answer) => {
    const requests: (string | string[] | undefined)[] = [];
    const url = await startAws((request, response) => {
      requests.push(request.headers['x-amz-target']);
      answer(request, response);
    });
    for (const [name, value] of Object.entries({
      POSTHORN_LEDGER_TABLE: 'ledger',
      POSTHORN_REGISTRY_TABLE: 'registry',
      POSTHORN_METRICS_TABLE: 'metrics',
      POSTHORN_AUTHENTICATION: 'none',
      POSTHORN_CONTENT_BUCKET: 'content',
      POSTHORN_ALERT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:alerts',
      POSTHORN_INBOX_URL: url,
      POSTHORN_ERROR_QUEUE_URL: url,
      POSTHORN_DEAD_LETTER_QUEUE_URL: url,
      POSTHORN_REPLIES_QUEUE_URL: url,
      POSTHORN_TARGETS: JSON.stringify({ inboxUrl: `${url}/{agent}`, agents: [] }),
      POSTHORN_MAX_RECEIVES: '10',
      POSTHORN_JOURNEY_SAMPLING: '0',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    }))
      vi.stubEnv(name, value);
    const handler = lambdaHandler(
      defineAgent({
        id: 'testing',
        version: '1.0.0',
        description: 'd',
        capabilities: [{ id: 'testing', name: 'n', description: 'd', tags: [] }],
        input: z.unknown(),
        async handle() {},
      }),
    );
    const record = createMessage('a');

    const { batchItemFailures } = await handler(createBatch(record), lambdaContext);

    expect(batchItemFailures).toEqual([{ itemIdentifier: record.messageId }]);
    expect(requests).toEqual(['DynamoDB_20120810.BatchGetItem', 'AmazonSQS.ChangeMessageVisibilityBatch', 'DynamoDB_20120810.UpdateItem']);
  });
});

const lambdaContext: Context = {
  getRemainingTimeInMillis: () => 30_000,
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'testing',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:testing',
  memoryLimitInMB: '512',
  awsRequestId: 'request-1',
  logGroupName: '/aws/lambda/testing',
  logStreamName: 'stream',
  done() {},
  fail() {},
  succeed() {},
};
