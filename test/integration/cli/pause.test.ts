import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import type { InvocationEvent } from '../../../local/lambda/event-source.ts';
import { until } from '../../helpers/until.ts';
import { agent, queue, writeAssembly } from '../../helpers/written-assembly.ts';
import { posthorn } from './world.ts';

const INBOX = 'posthorn-dev-greeting-inbox';

let cloud: EmbeddedCloud;
let sqs: SQSClient;
const invocations: InvocationEvent[] = [];

beforeAll(async () => {
  cloud = await EmbeddedCloud.start({
    port: 0,
    assemblyDirectory: writeAssembly({
      agents: {
        resources: {
          ...agent('posthorn-dev-greeting', { source: 'export const handler = async () => {};' }),
          Unfed: queue('posthorn-dev-unfed-inbox'),
        },
      },
    }),
    onInvocation: (event) => invocations.push(event),
  });
  sqs = new SQSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
});
afterAll(async () => {
  sqs.destroy();
  await cloud.stop();
});

const run = (...args: string[]) => posthorn([...args, '--endpoint-url', cloud.endpoint], { env: { NO_COLOR: '1' } });
const queueUrl = () => `${cloud.endpoint}/000000000000/${INBOX}`;
const send = async () => {
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: '{}' }));
  return MessageId ?? '';
};

test('a paused agent receives nothing until it is resumed', async () => {
  const paused = await run('pause', 'greeting');

  expect(paused.stdout.split('\n')).toEqual([
    'greeting is paused: messages wait in its inbox (0 now), and no receive is used.',
    `SQS deletes messages that are older than 7 days. Resume it with: npx posthorn resume greeting --endpoint-url ${cloud.endpoint}`,
    '',
  ]);
  expect(paused.code).toBe(0);

  const messageId = await send();
  const again = await run('pause', 'greeting', '--json');
  expect([again.code, again.stderr, JSON.parse(again.stdout)]).toEqual([0, '', { agent: 'greeting', state: 'disabled', waiting: 1 }]);
  // The first receive is this one, which gives the message back.
  const received = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl(), VisibilityTimeout: 0, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
  );
  expect(received.Messages).toMatchObject([{ MessageId: messageId, Attributes: { ApproximateReceiveCount: '1' } }]);
  expect(invocations).toEqual([]);

  const resumed = await run('resume', 'greeting');
  expect([resumed.code, resumed.stdout]).toMatchObject([
    0,
    expect.stringMatching(/^greeting receives its messages \([01] in its inbox\)\.\n$/),
  ]);
  await until('the message is processed', async () => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl(), AttributeNames: ['All'] }));
    return Attributes?.ApproximateNumberOfMessages === '0' && Attributes.ApproximateNumberOfMessagesNotVisible === '0';
  });
  expect(invocations).toMatchObject([{ messageIds: [messageId], outcome: 'succeeded' }]);
  const twice = await run('resume', 'greeting', '--json');
  expect([twice.code, JSON.parse(twice.stdout)]).toEqual([0, { agent: 'greeting', state: 'enabled', waiting: 0 }]);
});

test.each(['pause', 'resume'])('%s names the closest agent, and an agent that Lambda does not feed', async (command) => {
  const unknown = await run(command, 'greting');
  const unfed = await run(command, 'unfed');

  expect(unknown.stderr).toContain("stage 'dev' has no agent 'greting'");
  expect(unknown.stderr).toContain("Did you mean 'greeting'?");
  expect(unfed.stderr).toBe(
    `posthorn: function 'posthorn-dev-unfed' at ${cloud.endpoint} has no event source mapping for the inbox of 'unfed'\n` +
      'Deploy the stack of the agent again.\n',
  );
  expect([unknown.code, unfed.code, unknown.stdout, unfed.stdout]).toEqual([1, 1, '', '']);
});
