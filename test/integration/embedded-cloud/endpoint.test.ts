import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { DataDirectoryInUseError, PortInUseError, UnsupportedTemplateError } from '../../../local/errors.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { synthesizeFixture } from '../../helpers/fixture-app.ts';
import { until } from '../../helpers/until.ts';
import { credentials, SCRIPTED_HANDLER, startFixture } from './running-fixture.ts';

test('names --port if the port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = addressOf(server);

  const start = EmbeddedCloud.start({ assemblyDirectory: synthesizeFixture({ handler: SCRIPTED_HANDLER }), port });

  await expect(start).rejects.toThrow(PortInUseError);
  await expect(start).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use: choose another with --port N`);
});

test('says so if another embedded cloud has the data directory', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
  await startFixture({}, { dataDirectory });

  await expect(startFixture({}, { dataDirectory })).rejects.toThrow(DataDirectoryInUseError);
});

test('is reachable on the loopback interface only', async () => {
  const { cloud } = await startFixture();
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address?.family === 'IPv4' && !address.internal);

  for (const address of outside) {
    const socket = connect(Number(new URL(cloud.endpoint).port), address?.address);
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ECONNREFUSED');
  }
  expect(new URL(cloud.endpoint).hostname).toBe('127.0.0.1');
});

test('lists what was created, and what of the template has no effect', async () => {
  const { cloud, dynamo } = await startFixture();

  expect(cloud.resources.map(({ stackName, type, physicalName }) => `${stackName} ${type} ${physicalName}`)).toEqual([
    'fixture-state AWS::SQS::Queue dead',
    'fixture-state AWS::SQS::Queue inbox',
    'fixture-state AWS::SQS::Queue out',
    'fixture-state AWS::DynamoDB::Table ledger',
    'fixture-state AWS::S3::Bucket content-000000000000',
    'fixture-state AWS::SNS::Topic alerts',
    'fixture-agents AWS::Lambda::Function worker',
  ]);
  expect(ignoredLine(cloud.ignored)).toBe('ignored: IAM::Policy ×1, IAM::Role ×1; properties: DynamoDB::Table (ProvisionedThroughput)');
  expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual(['ledger']);
});

test('refuses a queue-fed function that it cannot run', async () => {
  const start = startFixture({ runtime: 'python3.13' });

  await expect(start).rejects.toThrow(UnsupportedTemplateError);
  await expect(start).rejects.toThrow('worker runs on python3.13; only nodejs runs here');
});

test('stop lets an invocation in flight finish, and frees the port', async () => {
  const { cloud, send, told, invocations } = await startFixture();
  await send({ sleepMs: 500 });
  await told(1);

  await cloud.stop();

  expect(invocations.map(({ outcome }) => outcome)).toEqual(['succeeded']);
  const port = Number(new URL(cloud.endpoint).port);
  const again = await EmbeddedCloud.start({ assemblyDirectory: synthesizeFixture({ handler: SCRIPTED_HANDLER }), port });
  await again.stop();
});

test('stop ends an invocation that outlasts the grace period', async () => {
  const { cloud, send, told, invocations } = await startFixture({ timeoutSeconds: 60 }, { stopGraceSeconds: 0.2 });
  await send({ spinUntilReceive: 99 });
  await told(1);

  await cloud.stop();

  expect(invocations.map(({ outcome }) => outcome)).toEqual(['crashed']);
});

test('tells why a function cannot be loaded', async () => {
  const { send, logs, invocations } = await startFixture({ handler: `import 'no-such-package';` });

  await send({});
  await until('the invocation has ended', () => invocations.length === 1);

  expect(invocations[0]).toMatchObject({ outcome: 'crashed', error: expect.stringContaining("Cannot find package 'no-such-package'") });
  expect(logs.map(({ text }) => text).join('\n')).toContain("Cannot find package 'no-such-package'");
});

test('keeps the developer’s own AWS configuration out of functions, and passes on what they write themselves as it is', async () => {
  const handler = `export const handler = async () => {
    process.stdout.write(JSON.stringify({ keys: Object.keys(process.env).filter((name) => name.startsWith('SECRET')) }) + '\\n');
    process.stderr.write(JSON.stringify({ region: process.env.AWS_REGION, endpoint: process.env.AWS_ENDPOINT_URL, own: process.env.OWN }) + '\\n');
  };`;
  process.env.SECRET_OF_THE_DEVELOPER = 'x';
  onTestFinished(() => void delete process.env.SECRET_OF_THE_DEVELOPER);
  const { cloud, send, logs, invocations } = await startFixture({ handler, environment: { OWN: 'yes' } });

  await send({});
  await until('both lines are there', () => logs.length === 2 && invocations.length === 1);

  const lines = logs.toSorted((a, b) => b.stream.localeCompare(a.stream)).map(({ stream, text }) => [stream, JSON.parse(text)]);
  expect(lines).toEqual([
    ['stdout', { keys: [] }],
    ['stderr', { region: 'us-east-1', endpoint: cloud.endpoint, own: 'yes' }],
  ]);
});

function addressOf(server: import('node:http').Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address;
}

test('has one region, whichever a client names', async () => {
  const { cloud, dynamo } = await startFixture();
  const elsewhere = { endpoint: cloud.endpoint, region: 'eu-west-1', credentials };
  const sqs = new SQSClient(elsewhere);
  const sns = new SNSClient(elsewhere);
  const s3 = new S3Client(elsewhere);
  const dynamoElsewhere = new DynamoDBClient(elsewhere);
  onTestFinished(() => [sqs, sns, s3, dynamoElsewhere].forEach((client) => void client.destroy()));

  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'out' }));
  expect(QueueUrl).toBe(`${cloud.endpoint}/000000000000/out`);
  expect((await sqs.send(new CreateQueueCommand({ QueueName: 'out' }))).QueueUrl).toBe(QueueUrl);
  expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls?.filter((url) => url.endsWith('/out'))).toEqual([QueueUrl]);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  expect(Attributes?.QueueArn).toBe('arn:aws:sqs:us-east-1:000000000000:out');

  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  expect(TopicArn).toBe('arn:aws:sns:us-east-1:000000000000:alerts');
  await sns.send(new PublishCommand({ TopicArn, Message: 'm' }));

  await s3.send(new PutObjectCommand({ Bucket: 'content-000000000000', Key: 'k', Body: 'content' }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'content-000000000000', Key: 'k' }));
  expect(await Body?.transformToString()).toBe('content');

  const Key = { messageKey: { S: 'k' } };
  await dynamoElsewhere.send(new PutItemCommand({ TableName: 'ledger', Item: Key }));
  expect((await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key }))).Item).toEqual(Key);
});

test('takes every character that SQS takes, and refuses the others', async () => {
  const { cloud } = await startFixture();
  const sqs = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials });
  onTestFinished(() => sqs.destroy());
  const QueueUrl = `${cloud.endpoint}/000000000000/out`;

  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '👋 \uFEFF \uFFFD' }));
  const refused = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '\uFFFE' }));

  await expect(refused).rejects.toMatchObject({ name: expect.stringContaining('InvalidMessageContents') });
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages.map(({ Body }) => Body)).toEqual(['👋 \uFEFF \uFFFD']);
});
