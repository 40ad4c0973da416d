import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { queue, writeAssembly } from '../../helpers/written-assembly.ts';
import { credentials } from './running-fixture.ts';

const queues = () =>
  writeAssembly({
    state: {
      resources: {
        Shared: queue('shared'),
        Dead: queue('dead'),
        Fragile: queue('fragile', { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 } }),
        Ordered: queue('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
      },
    },
  });

async function start(options: { readonly dataDirectory?: string } = {}) {
  const cloud = await EmbeddedCloud.start({ port: 0, assemblyDirectory: queues(), ...options });
  onTestFinished(() => cloud.stop());
  const sqs = new SQSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  const url = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
  const sendMany = async (name: string, group: string | undefined, count: number) => {
    for (let sent = 0; sent < count; sent += 10) {
      const Entries = Array.from({ length: Math.min(10, count - sent) }, (_, index) => ({
        ...{ Id: String(index), MessageBody: `${group} ${sent + index}` },
        ...(group !== undefined && { MessageGroupId: group }),
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url(name), Entries }));
    }
  };
  const receive = async (name: string, more = {}) => {
    const request = { QueueUrl: url(name), MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['MessageGroupId' as const], ...more };
    return (await sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
  };
  return { cloud, sqs, url, sendMany, receive };
}

const groupsOf = (messages: readonly { readonly Attributes?: Partial<Record<string, string>> | undefined }[]) =>
  messages.map(({ Attributes }) => Attributes?.MessageGroupId);
const ten = (group: string | undefined) => Array.from({ length: 10 }, () => group);

test('messages of quiet groups are received first while another has 30 in flight', async () => {
  const { sendMany, receive } = await start();
  await sendMany('shared', 'noisy', 60);
  await sendMany('shared', 'quiet', 5);
  await sendMany('shared', undefined, 5);

  const received = [];
  for (let nth = 0; nth < 7; nth++) received.push(groupsOf(await receive('shared')));

  const calm = [...Array.from({ length: 5 }, () => 'quiet'), ...Array.from({ length: 5 }, () => undefined)];
  expect(received).toEqual([ten('noisy'), ten('noisy'), ten('noisy'), calm, ten('noisy'), ten('noisy'), ten('noisy')]);
});

test('a quiet message is received before noisy ones that are put back behind it', async () => {
  const { sqs, url, sendMany, receive } = await start();
  await sendMany('shared', 'noisy', 40);
  const received = [];
  for (let nth = 0; nth < 4; nth++) received.push(...(await receive('shared')));
  expect(groupsOf(received)).toEqual([...ten('noisy'), ...ten('noisy'), ...ten('noisy'), ...ten('noisy')]);

  await sendMany('shared', 'quiet', 2);
  for (const { ReceiptHandle } of received.slice(35))
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url('shared'), ReceiptHandle, VisibilityTimeout: 0 }));

  expect(groupsOf(await receive('shared', { MaxNumberOfMessages: 1 }))).toEqual(['quiet']);
  await sendMany('shared', 'quiet', 1);
  expect(groupsOf(await receive('shared', { MaxNumberOfMessages: 4 }))).toEqual(['quiet', 'quiet', 'noisy', 'noisy']);
});

test('each message of a batch has its own group, and one without a group has none', async () => {
  const { sqs, url, receive } = await start();
  const same = { MessageBody: 'same', MessageAttributes: { own: { DataType: 'String', StringValue: 'x' } } };
  const Entries = [
    { Id: 'a', ...same, MessageGroupId: 'one' },
    { Id: 'b', ...same },
    { Id: 'c', ...same, MessageGroupId: 'two' },
    { Id: 'd', MessageBody: 'bare', MessageGroupId: 'three' },
  ];

  const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url('shared'), Entries }));
  const received = await receive('shared', { MessageAttributeNames: ['All'] });

  expect(groupsOf(received)).toEqual(['one', undefined, 'two', 'three']);
  expect(received.map(({ MD5OfMessageAttributes }) => MD5OfMessageAttributes)).toEqual(
    Successful.map(({ MD5OfMessageAttributes }) => MD5OfMessageAttributes),
  );
  expect(received[3]).not.toHaveProperty('MessageAttributes');
});

test('a message keeps its group in the dead-letter queue, and over a restart', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
  const before = await start({ dataDirectory });
  await before.sendMany('fragile', 'moved', 1);
  const [{ ReceiptHandle } = {}] = await before.receive('fragile');
  await before.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: before.url('fragile'), ReceiptHandle, VisibilityTimeout: 0 }));
  expect(await before.receive('fragile')).toEqual([]);
  await before.sendMany('shared', 'kept', 1);
  await before.cloud.stop();

  const { receive } = await start({ dataDirectory });

  expect(groupsOf(await receive('dead'))).toEqual(['moved']);
  expect(groupsOf(await receive('shared'))).toEqual(['kept']);
});

test('a FIFO queue has its groups as before', async () => {
  const { sendMany, receive } = await start();
  await sendMany('ordered.fifo', 'a', 2);
  await sendMany('ordered.fifo', 'b', 1);

  expect(groupsOf(await receive('ordered.fifo'))).toEqual(['a', 'b']);
});

test.each([
  ['empty', ''],
  ['of 129 characters', 'x'.repeat(129)],
  ['with a space', 'Acme Corp'],
  ['not ASCII', 'Größe'],
])('a group that is %s is refused, and nothing is sent', async (_what, MessageGroupId) => {
  const { sqs, url, receive } = await start();
  const message = { QueueUrl: url('shared'), MessageBody: 'm', MessageGroupId };
  const batch = { QueueUrl: url('shared'), Entries: [{ Id: 'a', ...message }] };

  await expect(sqs.send(new SendMessageCommand(message))).rejects.toThrow(/MessageGroupId can only include alphanumeric and punctuation/);
  await expect(sqs.send(new SendMessageBatchCommand(batch))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  expect(await receive('shared')).toEqual([]);
});
