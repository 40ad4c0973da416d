import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { OPERATOR_SENDER_ID } from '../../../local/services/identities.ts';
import { credentials } from './running-fixture.ts';

/** More than stay in memory. */
const MESSAGES = 1_500;

async function startCloud(dataDirectory: string) {
  const cloud = await EmbeddedCloud.start({ port: 0, dataDirectory });
  const stop = async () => {
    sqs.destroy();
    await cloud.stop();
  };
  onTestFinished(stop);
  // It compares the digests of what it gets.
  const sqs = new SQSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  const url = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
  return {
    stop,
    create: (QueueName: string, Attributes: Record<string, string> = {}) => sqs.send(new CreateQueueCommand({ QueueName, Attributes })),
    purge: (name: string) => sqs.send(new PurgeQueueCommand({ QueueUrl: url(name) })),
    async fill(name: string, count: number, prefix = 'message'): Promise<void> {
      for (let first = 0; first < count; first += 10) {
        const Entries = Array.from({ length: Math.min(10, count - first) }, (_, index) => ({
          Id: String(index),
          MessageBody: `${prefix} ${first + index} \u{1F4EF}`,
          MessageGroupId: `tenant-${(first + index) % 2}`,
          MessageAttributes: { nth: { DataType: 'Number', StringValue: String(first + index) } },
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: url(name), Entries }));
      }
    },
    async receive(name: string, VisibilityTimeout = 60): Promise<readonly Message[]> {
      const names = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url(name), MaxNumberOfMessages: 10, VisibilityTimeout, ...names }),
      );
      return Messages;
    },
    async remove(name: string, messages: readonly Message[]): Promise<void> {
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url(name), Entries }));
    },
    async depth(name: string): Promise<number> {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url(name), AttributeNames }));
      return Number(Attributes?.ApproximateNumberOfMessages);
    },
  };
}

const temporary = () => mkdtempSync(join(tmpdir(), 'posthorn-spill-'));

type Cloud = Awaited<ReturnType<typeof startCloud>>;

/** Takes all messages of a queue. */
async function takeAll({ receive, remove }: Cloud, name: string): Promise<readonly Message[]> {
  const all: Message[] = [];
  for (let some = await receive(name); some.length > 0; some = await receive(name)) {
    all.push(...some);
    await remove(name, some);
  }
  return all;
}

const textOf = ({ Body, MessageAttributes }: Message) => `${Body} ${MessageAttributes?.nth?.StringValue}`;
const expected = (prefix = 'message', count = MESSAGES) => Array.from({ length: count }, (_, nth) => `${prefix} ${nth} \u{1F4EF} ${nth}`);

test('a long queue has every message as it was sent, in order, also after a restart with a data directory', async () => {
  const dataDirectory = temporary();
  const before = await startCloud(dataDirectory);
  await before.create('long');
  await before.fill('long', MESSAGES);
  await before.stop();

  const cloud = await startCloud(dataDirectory);
  await cloud.fill('long', 10, 'later');
  const all = await takeAll(cloud, 'long');

  expect(all.map(textOf)).toEqual([...expected(), ...expected('later', 10)]);
  const attributes = all.map(({ Attributes }) => [Attributes?.ApproximateReceiveCount, Attributes?.SenderId]);
  expect(new Set(attributes.map(String))).toEqual(new Set([`1,${OPERATOR_SENDER_ID}`]));
  expect(all.map(({ Attributes }) => Attributes?.MessageGroupId).slice(0, 2)).toEqual(['tenant-0', 'tenant-1']);
  expect(new Set(all.slice(1_000).map(({ Attributes }) => Attributes?.MessageGroupId))).toEqual(new Set(['tenant-0', 'tenant-1']));
});

test('a message of a long queue is received again as it was, and moved to a dead-letter queue as it was', async () => {
  const cloud = await startCloud(temporary());
  await cloud.create('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 1 });
  await cloud.create('long', { RedrivePolicy });
  await cloud.fill('long', MESSAGES);

  // Visible again at once: the second receive of each moves it.
  for (let receive = 0; receive < MESSAGES / 10; receive++) await cloud.receive('long', 0);
  for (let some = 1; some > 0; some = await cloud.depth('long')) await cloud.receive('long', 0);

  expect(new Set((await takeAll(cloud, 'dead')).map(textOf))).toEqual(new Set(expected()));
});

test('a long queue that is purged is empty, and takes messages again', async () => {
  const cloud = await startCloud(temporary());
  await cloud.create('long');
  await cloud.fill('long', MESSAGES);
  await cloud.receive('long');

  await cloud.purge('long');
  expect(await cloud.depth('long')).toBe(0);
  await cloud.fill('long', MESSAGES, 'new');

  expect((await takeAll(cloud, 'long')).map(textOf)).toEqual(expected('new'));
});
