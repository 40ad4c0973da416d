import { z } from 'zod';
import type { JsonAnswer } from './json-request.ts';
import type { QueuesAndBuckets } from './queues-and-buckets.ts';

const inputSchema = z.object({
  QueueUrl: z.string(),
  MaxResults: z.number().min(1).max(1000).default(1000),
  NextToken: z.string().optional(),
});
const policySchema = z.object({ deadLetterTargetArn: z.string() });

/**
 * The queues whose redrive policy names a queue; fauxqs has no such operation.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html
 */
export function listDeadLetterSourceQueues({ sqsStore }: Pick<QueuesAndBuckets, 'sqsStore'>, input: unknown): JsonAnswer {
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) return sqsError('InvalidParameterValue', z.prettifyError(parsed.error));
  const { QueueUrl, MaxResults, NextToken = '' } = parsed.data;
  const target = sqsStore.getQueue(QueueUrl);
  if (target === undefined) return sqsError('QueueDoesNotExist', 'The specified queue does not exist.', 'NonExistentQueue');
  const sources = [...sqsStore.allQueues()]
    .filter(({ name, attributes }) => name > NextToken && deadLetterTarget(attributes.RedrivePolicy) === target.arn)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = sources.slice(0, MaxResults);
  const last = page.at(-1);
  return {
    status: 200,
    body: { queueUrls: page.map(({ url }) => url), ...(sources.length > page.length && last !== undefined && { NextToken: last.name }) },
  };
}

function deadLetterTarget(policy: string | undefined): string | undefined {
  if (policy === undefined) return undefined;
  try {
    return policySchema.safeParse(JSON.parse(policy)).data?.deadLetterTargetArn;
  } catch {
    // A client sets this text, so it may be invalid.
    return undefined;
  }
}

function sqsError(code: string, message: string, queryCode = code): JsonAnswer {
  return {
    status: 400,
    body: { __type: `com.amazonaws.sqs#${code}`, message },
    headers: { 'x-amzn-query-error': `AWS.SimpleQueueService.${queryCode};Sender` },
  };
}
