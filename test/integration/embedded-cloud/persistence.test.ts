import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { synthesizeFixture } from '../../helpers/fixture-app.ts';
import { clients, credentials, ended, SCRIPTED_HANDLER, startFixture } from './running-fixture.ts';

const temporary = () => mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
const s3 = (endpoint: string) => new S3Client({ endpoint, region: 'us-east-1', credentials });
const item = { messageKey: { S: 'agent source 1' }, traceId: { S: 'trace' }, attempts: { L: [] }, startedAt: { N: '5' } };

test('messages, items, objects and topics survive a restart on another port', async () => {
  const assemblyDirectory = synthesizeFixture({ handler: SCRIPTED_HANDLER });
  const dataDirectory = temporary();
  const before = await EmbeddedCloud.start({ assemblyDirectory, dataDirectory, port: 0 });
  const first = clients(before.endpoint);
  const oldUrl = await first.url('out');
  const attributes = { authorization: { DataType: 'String', StringValue: 'Bearer t' } };
  await first.sqs.send(new SendMessageCommand({ QueueUrl: oldUrl, MessageBody: 'kept', MessageAttributes: attributes }));
  await first.sqs.send(new SendMessageCommand({ QueueUrl: oldUrl, MessageBody: 'delayed', DelaySeconds: 1 }));
  await first.dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: item }));
  await s3(before.endpoint).send(new PutObjectCommand({ Bucket: 'content-000000000000', Key: 'sha-256/abc', Body: 'content' }));
  await before.stop();

  const { cloud, url, take, dynamo } = await startFixture({}, { assemblyDirectory, dataDirectory });

  expect(cloud.endpoint).not.toBe(before.endpoint);
  expect(await url('out')).toBe(`${cloud.endpoint}/000000000000/out`);
  expect([...(await take('out', 2))].sort()).toEqual(['delayed', 'kept']);
  const key = { messageKey: item.messageKey };
  expect((await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: key, ConsistentRead: true }))).Item).toEqual(item);
  const byTrace = { TableName: 'ledger', IndexName: 'by-trace', KeyConditionExpression: 'traceId = :t' };
  const found = await dynamo.send(new QueryCommand({ ...byTrace, ExpressionAttributeValues: { ':t': { S: 'trace' } } }));
  expect(found.Items).toEqual([item]);
  const object = await s3(cloud.endpoint).send(new GetObjectCommand({ Bucket: 'content-000000000000', Key: 'sha-256/abc' }));
  expect(await object.Body?.transformToString()).toBe('content');
  const sns = new SNSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts' }]);
});

test('after a kill -9 nothing that was acknowledged is lost, and what a function held is handled at once', async () => {
  const assemblyDirectory = synthesizeFixture({ handler: SCRIPTED_HANDLER, timeoutSeconds: 60 });
  const dataDirectory = temporary();
  const script = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, assemblyDirectory, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [chunk]: string[] = await once(child.stdout.setEncoding('utf8'), 'data');
  const doomed = clients(String(chunk).trim());
  await doomed.send({ sleepMs: 30_000 });
  await doomed.told(1);
  const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`);
  const outUrl = await doomed.url('dead');
  await Promise.all(
    keys.map(async (key) => {
      await doomed.dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: { messageKey: { S: key } } }));
      await doomed.sqs.send(new SendMessageCommand({ QueueUrl: outUrl, MessageBody: key }));
    }),
  );

  child.kill('SIGKILL');
  await ended(child);
  const { take, told, dynamo } = await startFixture({}, { assemblyDirectory, dataDirectory, stopGraceSeconds: 0 });

  const [again] = await told(1);
  expect(again?.event?.Records[0]).toMatchObject({ attributes: { ApproximateReceiveCount: '2' } });
  expect([...(await take('dead', keys.length))].sort()).toEqual([...keys].sort());
  for (const key of keys) {
    const read = new GetItemCommand({ TableName: 'ledger', Key: { messageKey: { S: key } }, ConsistentRead: true });
    expect((await dynamo.send(read)).Item).toEqual({ messageKey: { S: key } });
  }
});

test('a message can be made visible at once, and a retry delay outlasts a restart', async () => {
  const assemblyDirectory = synthesizeFixture({ handler: SCRIPTED_HANDLER });
  const dataDirectory = temporary();
  const before = await EmbeddedCloud.start({ assemblyDirectory, dataDirectory, port: 0 });
  const first = clients(before.endpoint);
  const QueueUrl = await first.url('dead');
  await first.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
  const receive = async () => (await first.sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0];

  const once = await receive();
  await first.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: once?.ReceiptHandle, VisibilityTimeout: 0 }));
  const twice = await receive();
  expect(twice?.Body).toBe('now');
  await first.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: twice?.ReceiptHandle, VisibilityTimeout: 3 }));
  const deferredUntil = Date.now() + 2_500;
  await before.stop();

  const { take } = await startFixture({}, { assemblyDirectory, dataDirectory });
  expect(await take('dead', 1)).toEqual(['now']);
  expect(Date.now()).toBeGreaterThan(deferredUntil);
});

test('a queue takes on the attributes of a changed template', async () => {
  const dataDirectory = temporary();
  const before = await EmbeddedCloud.start({
    assemblyDirectory: synthesizeFixture({ handler: SCRIPTED_HANDLER }),
    dataDirectory,
    port: 0,
  });
  await before.stop();

  const { sqs, url } = await startFixture({ visibilitySeconds: 45, maxReceiveCount: 7 }, { dataDirectory });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: await url('inbox'), AttributeNames: ['All'] }));

  expect(Attributes).toMatchObject({ VisibilityTimeout: '45', RedrivePolicy: expect.stringMatching(/"maxReceiveCount":"?7/) });
});
