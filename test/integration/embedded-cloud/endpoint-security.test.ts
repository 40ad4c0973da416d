import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, ListTopicsCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { ListDeadLetterSourceQueuesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { queue, table, writeAssembly } from '../../helpers/written-assembly.ts';
import { clients, credentials } from './running-fixture.ts';

const redrive = (arn: unknown) => ({ RedrivePolicy: { deadLetterTargetArn: arn, maxReceiveCount: 3 } });

async function startCloud() {
  const deadArn = { 'Fn::GetAtt': ['Dead', 'Arn'] };
  const resources = {
    Dead: queue('dead'),
    InboxB: queue('inbox-b', redrive(deadArn)),
    InboxA: queue('inbox-a', redrive(deadArn)),
    Other: queue('other'),
    Ledger: table('ledger', 'key'),
    Content: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'content' } },
    Alerts: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
  };
  const cloud = await EmbeddedCloud.start({ port: 0, assemblyDirectory: writeAssembly({ state: { resources } }) });
  onTestFinished(() => cloud.stop());
  const settings = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
  const sqs = new SQSClient(settings);
  const sns = new SNSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  onTestFinished(() => [sqs, sns, s3].forEach((client) => void client.destroy()));
  return { cloud, settings, sqs, sns, s3, port: Number(new URL(cloud.endpoint).port), depth: clients(cloud.endpoint).depth };
}

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(port: number, { method = 'POST', path = '/', headers = {}, body = '' }: RawRequest) {
  const request = httpRequest({ host: '127.0.0.1', port, method, path, headers });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: Number(response.statusCode), type: String(response.headers['content-type']), body: await text(response) };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const EVIL = { origin: 'http://evil.com' };

test('a web page cannot reach an inbox: its forms, its scripts and its own host name are refused', async () => {
  const { port, sns, s3, depth } = await startCloud();
  const topicArn = 'arn:aws:sns:us-east-1:000000000000:alerts';
  await s3.send(new PutObjectCommand({ Bucket: 'content', Key: 'kept', Body: 'content' }));
  const form = (fields: Record<string, string>) => new URLSearchParams({ Version: '2010-03-31', ...fields }).toString();
  const subscription = { TopicArn: topicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:inbox-a' };
  const raw = { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' };
  const sqsJson = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };
  const message = JSON.stringify({ QueueUrl: 'http://127.0.0.1/000000000000/inbox-a', MessageBody: 'evil' });
  const scan = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.Scan' };
  const post =
    '--x\r\ncontent-disposition: form-data; name="key"\r\n\r\nevil\r\n--x\r\ncontent-disposition: form-data; name="file"\r\n\r\n<b>\r\n--x--\r\n';

  const attacks: readonly RawRequest[] = [
    { headers: { ...FORM, ...EVIL }, body: form({ Action: 'CreateTopic', Name: 'evil' }) },
    { headers: { ...FORM, ...EVIL }, body: form({ Action: 'Subscribe', ...subscription, ...raw }) },
    { headers: { ...FORM, ...EVIL }, body: form({ Action: 'Publish', TopicArn: topicArn, Message: 'evil' }) },
    { headers: { ...FORM, origin: 'null' }, body: form({ Action: 'CreateTopic', Name: 'evil' }) },
    { headers: { ...FORM, 'sec-fetch-site': 'same-site' }, body: form({ Action: 'CreateTopic', Name: 'evil' }) },
    { headers: { 'content-type': 'multipart/form-data; boundary=x', ...EVIL }, path: '/content', body: post },
    {
      headers: { 'content-type': 'text/plain', ...EVIL },
      path: '/content?delete',
      body: '<Delete><Object><Key>kept</Key></Object></Delete>',
    },
    { headers: { 'sec-fetch-site': 'cross-site' }, method: 'GET', path: '/content/kept' },
    { headers: { ...sqsJson, host: 'evil.com' }, body: message },
    { headers: { ...sqsJson, host: `rebound.evil.com:${port}` }, body: message },
    { headers: { ...scan, host: `rebound.evil.com:${port}` }, body: '{"TableName":"ledger"}' },
    { headers: { ...sqsJson, ...EVIL, 'access-control-request-method': 'POST' }, method: 'OPTIONS' },
  ];
  for (const attack of attacks) {
    const answer = await send(port, attack);
    expect({ attack, status: answer.status, type: answer.type }).toEqual({ attack, status: 403, type: 'text/plain; charset=utf-8' });
    expect(answer.body).toMatch(/^The (Host .* is not this endpoint's: use http.*|request was made by another site .*)\n$/);
  }

  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: topicArn }]);
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'nobody subscribed' }));
  expect(await depth('inbox-a')).toBe(0);
  const kept = await send(port, { method: 'GET', path: '/content/kept' });
  expect(kept).toMatchObject({ status: 200, body: 'content' });
  expect((await send(port, { method: 'GET', path: '/content/evil' })).status).toBe(404);
});

test('the same forms are answered where no other site made them', async () => {
  const { port } = await startCloud();

  const answer = await send(port, { headers: FORM, body: 'Action=CreateTopic&Name=mine&Version=2010-03-31' });

  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('arn:aws:sns:us-east-1:000000000000:mine') });
});

test.each(['/_fauxqs/queues', '/%5ffauxqs/queues', '/_fauxqs/queues/inbox-a'])('%s is not served', async (path) => {
  const { port } = await startCloud();

  expect((await send(port, { method: 'GET', path })).status).toBe(404);
  expect(
    (await send(port, { method: 'GET', path: path.replace(/^.*fauxqs/, ''), headers: { host: `_fauxqs.localhost:${port}` } })).status,
  ).toBe(404);
});

test('AWS SDKs of every service work, on 127.0.0.1 and on localhost', async () => {
  const { port, settings, s3, depth } = await startCloud();
  for (const endpoint of [settings.endpoint, `http://localhost:${port}`]) {
    const at = { ...settings, endpoint };
    const sqs = new SQSClient(at);
    const sns = new SNSClient(at);
    const dynamo = new DynamoDBClient(at);
    const sts = new STSClient(at);
    onTestFinished(() => [sqs, sns, dynamo, sts].forEach((client) => void client.destroy()));
    const QueueUrl = `${endpoint}/000000000000/other`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'direct' }));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:other' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'by topic' }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages).toHaveLength(2);
    expect((await dynamo.send(new DescribeTableCommand({ TableName: 'ledger' }))).Table?.TableStatus).toBe('ACTIVE');
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
  }
  expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(['content']);
  expect(await depth('other')).toBe(4);
});

test('buckets are reached by host, as SDKs derive it from localhost', async () => {
  const { port, s3 } = await startCloud();
  await s3.send(new PutObjectCommand({ Bucket: 'content', Key: 'k', Body: 'by path' }));

  const answer = await send(port, { method: 'GET', path: '/k', headers: { host: `content.localhost:${port}` } });

  expect(answer).toMatchObject({ status: 200, body: 'by path' });
});

test.each([
  ['POST', '/', 'Action=ListQueues&Version=2012-11-05'],
  ['POST', '/000000000000/inbox-a', 'Action=SendMessage&MessageBody=m&Version=2012-11-05'],
  ['GET', '/000000000000/inbox-a?Action=ReceiveMessage&Version=2012-11-05', ''],
])('an old SDK is told which versions speak JSON: %s %s', async (method, path, body) => {
  const { port } = await startCloud();

  const answer = await send(port, { method, path, body, headers: method === 'POST' ? FORM : {} });

  expect(answer).toMatchObject({ status: 400, type: 'text/xml' });
  expect(answer.body).toMatch(
    /<ErrorResponse><Error><Type>Sender<\/Type><Code>AWS\.SimpleQueueService\.UnsupportedOperation<\/Code><Message>The embedded cloud speaks the JSON protocol of SQS only, .* Use boto3 1\.28\.82, AWS CLI 1\.29\.82 or 2\.14, .*<\/Message><\/Error><RequestId>/,
  );
});

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const NONE = (service: string) => `The embedded cloud has no "${service}": it has SQS, DynamoDB, S3, SNS, STS, SSM and Lambda`;

test('a service that is not there is named, in the protocol of the one who asks', async () => {
  const { port } = await startCloud();

  const functions = await send(port, { method: 'GET', path: '/2015-03-31/functions', headers: signed('lambda') });
  const kms = await send(port, { headers: signed('kms'), body: '{}' });
  const events = await send(port, {
    headers: { 'x-amz-target': 'AWSEvents.PutEvents', 'content-type': 'application/x-amz-json-1.1' },
    body: '{}',
  });
  const iam = await send(port, { headers: { ...signed('iam'), ...FORM }, body: 'Action=ListUsers&Version=2010-05-08' });

  expect(functions.status).toBe(404);
  expect(JSON.parse(functions.body)).toEqual({
    Type: 'User',
    Message:
      'The embedded cloud has of Lambda Invoke, ListEventSourceMappings, GetEventSourceMapping and UpdateEventSourceMapping, and not GET /2015-03-31/functions',
  });
  expect(kms.status).toBe(400);
  expect(JSON.parse(kms.body)).toEqual({ __type: 'ServiceNotAvailable', message: NONE('kms') });
  expect(JSON.parse(events.body)).toEqual({ __type: 'ServiceNotAvailable', message: NONE('AWSEvents') });
  expect(iam).toMatchObject({ status: 400, type: 'text/xml', body: expect.stringContaining(`<Message>${NONE('iam')}</Message>`) });
});

test('lists the queues whose redrive policy names a dead-letter queue, page by page', async () => {
  const { cloud, sqs } = await startCloud();
  const url = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
  const list = (QueueUrl: string, more = {}) => sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl, ...more }));

  expect((await list(url('dead'))).queueUrls).toEqual([url('inbox-a'), url('inbox-b')]);
  expect((await list(url('other'))).queueUrls).toEqual([]);
  const { queueUrls, NextToken } = await list(url('dead'), { MaxResults: 1 });
  expect(queueUrls).toEqual([url('inbox-a')]);
  const last = await list(url('dead'), { MaxResults: 1, NextToken });
  expect(last.queueUrls).toEqual([url('inbox-b')]);
  expect(last.NextToken).toBeUndefined();
  await expect(list(url('missing'))).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});
