import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { OPERATOR_SENDER_ID, SNS_SENDER_ID } from '../../../local/services/identities.ts';
import { roleId } from '../../../local/template/role-id.ts';
import { agent, queue, type WrittenStack, writeAssembly } from '../../helpers/written-assembly.ts';
import { credentials } from './running-fixture.ts';

/** Passes each message on to the queue `out`: in a batch if its body says so, otherwise alone. Its body is who sent it. */
const FORWARD = `
import { SQSClient, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
const sqs = new SQSClient({});
const QueueUrl = process.env.AWS_ENDPOINT_URL + '/000000000000/out';
export const handler = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    const MessageBody = attributes.SenderId;
    if (body === 'batch') await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody }] }));
    else await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
};`;

const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'forwarder-role' } };

function withRole(resources: ReturnType<typeof agent>): WrittenStack['resources'] {
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => {
      const properties = 'Properties' in resource && typeof resource.Properties === 'object' ? resource.Properties : {};
      return [
        id,
        id.endsWith('Function') ? { ...resource, Properties: { ...properties, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } } : resource,
      ];
    }),
  );
}

const mesh = () =>
  writeAssembly({
    state: {
      resources: {
        Out: queue('out'),
        Dead: queue('dead'),
        Fragile: queue('fragile', { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 } }),
        Ordered: queue('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
        Alerts: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
      },
    },
    agents: { resources: { Role: role, ...withRole(agent('forwarder', { source: FORWARD })) } },
  });

async function start(options: { readonly dataDirectory?: string } = {}) {
  const cloud = await EmbeddedCloud.start({ port: 0, assemblyDirectory: mesh(), ...options });
  onTestFinished(() => cloud.stop());
  const settings = { endpoint: cloud.endpoint, region: 'us-east-1' };
  const operator = new SQSClient({ ...settings, credentials });
  const url = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
  const send = (client: SQSClient, name: string, MessageBody: string, more = {}) =>
    client.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody, ...more }));
  const receive = async (name: string, more = {}) => {
    const request = { QueueUrl: url(name), WaitTimeSeconds: 20, MessageSystemAttributeNames: ['SenderId' as const], ...more };
    return (await operator.send(new ReceiveMessageCommand(request))).Messages?.[0];
  };
  return { cloud, settings, operator, url, send, receive };
}

const FORWARDER = `${roleId('forwarder-role')}:forwarder`;

test('a function sends as its role’s session by its own name, and is told who sent a message', async () => {
  const { operator, send, receive } = await start();

  await send(operator, 'forwarder-inbox', 'alone');
  expect(await receive('out')).toMatchObject({ Body: OPERATOR_SENDER_ID, Attributes: { SenderId: FORWARDER } });
  await send(operator, 'forwarder-inbox', 'batch');
  expect(await receive('out')).toMatchObject({ Body: OPERATOR_SENDER_ID, Attributes: { SenderId: FORWARDER } });
});

test('the operator is who signs with any other key, and who does not sign', async () => {
  const { cloud, settings, url, send, receive, operator } = await start();
  const forged = new SQSClient({
    ...settings,
    credentials: { accessKeyId: 'ASIAFORGEDFORGEDFORG', secretAccessKey: 's', sessionToken: 't' },
  });

  await send(forged, 'out', 'forged');
  expect((await receive('out'))?.Attributes).toEqual({ SenderId: OPERATOR_SENDER_ID });
  await fetch(cloud.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: url('out'), MessageBody: 'unsigned' }),
  });
  expect(await receive('out')).toMatchObject({ Body: 'unsigned', Attributes: { SenderId: OPERATOR_SENDER_ID } });
  await operator.send(
    new SendMessageBatchCommand({ QueueUrl: url('ordered.fifo'), Entries: [{ Id: 'a', MessageBody: 'b', MessageGroupId: 'g' }] }),
  );
  expect((await receive('ordered.fifo'))?.Attributes).toEqual({ SenderId: OPERATOR_SENDER_ID });
});

test('a message of a topic is sent by SNS', async () => {
  const { settings, receive } = await start();
  const sns = new SNSClient({ ...settings, credentials });
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:alerts';
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:out' }));

  await sns.send(new PublishCommand({ TopicArn, Message: 'm' }));

  expect((await receive('out'))?.Attributes).toEqual({ SenderId: SNS_SENDER_ID });
});

test('SenderId is given only to those who ask for it', async () => {
  const { operator, send, receive } = await start();
  await send(operator, 'out', 'm');

  const message = await receive('out', { MessageSystemAttributeNames: ['SentTimestamp'] });

  expect(Object.keys(message?.Attributes ?? {})).toEqual(['SentTimestamp']);
});

test('a message keeps its sender in the dead-letter queue, and over a restart', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
  const before = await start({ dataDirectory });
  const producer = new SQSClient({ ...before.settings, credentials: before.cloud.credentialsOf('forwarder') });
  await before.send(producer, 'fragile', 'moved');
  const ReceiptHandle = (await before.receive('fragile'))?.ReceiptHandle;
  await before.operator.send(new ChangeMessageVisibilityCommand({ QueueUrl: before.url('fragile'), ReceiptHandle, VisibilityTimeout: 0 }));
  expect(await before.receive('fragile', { WaitTimeSeconds: 0 })).toBeUndefined();
  await before.send(producer, 'out', 'ready');
  await before.send(producer, 'ordered.fifo', 'ordered', { MessageGroupId: 'g' });
  await before.send(before.operator, 'forwarder-inbox', 'kept', { DelaySeconds: 1 });
  await before.cloud.stop();

  const { receive } = await start({ dataDirectory });

  expect(await receive('dead')).toMatchObject({ Body: 'moved', Attributes: { SenderId: FORWARDER } });
  expect(await receive('ordered.fifo')).toMatchObject({ Body: 'ordered', Attributes: { SenderId: FORWARDER } });
  expect(await receive('out')).toMatchObject({ Body: 'ready', Attributes: { SenderId: FORWARDER } });
  expect(await receive('out')).toMatchObject({ Body: OPERATOR_SENDER_ID, Attributes: { SenderId: FORWARDER } });
});
