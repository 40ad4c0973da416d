import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

/** SQS on a free port, in this process, with these queues. */
export async function startLocalQueues(names: readonly string[]) {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
  const queueUrl = (name: string) => `${endpoint}/000000000000/${name}`;
  for (const QueueName of names) await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { MaximumMessageSize: '1048576' } }));
  return {
    options,
    async put(name: string, MessageBody: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
      const named = Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]);
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(name), MessageBody, MessageAttributes: Object.fromEntries(named) }));
    },
    async bodies(name: string): Promise<readonly string[]> {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(name), MaxNumberOfMessages: 10 }));
      return Messages.map(({ Body = '' }) => Body);
    },
    async count(name: string): Promise<{ readonly visible: number; readonly inFlight: number }> {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] }));
      return {
        visible: Number(Attributes?.ApproximateNumberOfMessages),
        inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      sqs.destroy();
      await app.close();
    },
  };
}

export type LocalQueues = Awaited<ReturnType<typeof startLocalQueues>>;
