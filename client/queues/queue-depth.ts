import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** How many messages a queue has. SQS's counts are approximate, and may be late by a minute. */
export interface QueueDepth {
  /** Can be received now. */
  readonly visible: number;
  /** Received by a reader and not yet deleted or given back. */
  readonly inFlight: number;
  /** Become visible later. */
  readonly delayed: number;
}

const ATTRIBUTES = {
  visible: 'ApproximateNumberOfMessages',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
} as const;

export async function queueDepth(sqs: SQSClient, queueUrl: string): Promise<QueueDepth> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: Object.values(ATTRIBUTES) }));
  const count = (name: keyof typeof ATTRIBUTES) => Number(Attributes?.[ATTRIBUTES[name]] ?? 0);
  return { visible: count('visible'), inFlight: count('inFlight'), delayed: count('delayed') };
}
