import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { meshName } from '../../../events/names.ts';
import { ownTotalsOf } from '../../../events/own-metrics-record.ts';
import { awsProbe } from '../../../functions/services/probe/aws-probe.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

const requestSchema = z.object({ RequestItems: z.object({ metrics: z.object({ Keys: z.array(z.unknown()) }) }) });

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

/** A probe whose table answers each BatchGetItem with the next of these. */
async function probeWith(...answers: readonly { readonly items: readonly Item[]; readonly unread?: readonly Item[] }[]) {
  const requests: { readonly keys: number; readonly at: number }[] = [];
  const endpoint = await startAws(async (request, response) => {
    const { RequestItems } = requestSchema.parse(JSON.parse(await text(request)));
    requests.push({ keys: RequestItems.metrics.Keys.length, at: performance.now() });
    const { items, unread = [] } = answers[Math.min(requests.length, answers.length) - 1] ?? { items: [] };
    const UnprocessedKeys = unread.length === 0 ? {} : { metrics: { Keys: unread } };
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ Responses: { metrics: items }, UnprocessedKeys }));
  });
  const clients = { dynamodb: new DynamoDBClient({ endpoint }), sqs: new SQSClient({ endpoint }), lambda: new LambdaClient({ endpoint }) };
  onTestFinished(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  const logger = { info() {}, warn() {} };
  const place = { mesh: meshName(), registryTable: 'registry', offersTable: 'offers', metricsTable: 'metrics', queueUrl: '{queue}' };
  return { requests, ports: awsProbe({ ...clients, logger }, place) };
}

const itemOf = (entry: string, values: Readonly<Record<string, string>>, series = 'one#0'): Item => ({
  series: { S: series },
  entry: { S: entry },
  ...Object.fromEntries(Object.entries(values).map(([name, N]) => [name, { N }])),
});

test('totals above the safe integers are read as numbers, so that none vanishes and none keeps an agent from its snapshot', async () => {
  const { ports } = await probeWith({
    items: [itemOf('totals', { W: '9007199254740993' }), itemOf('own', { 'c a': '18014398509481982.5' })],
  });

  const { totals, own } = await ports.record('one', 1);

  expect(totals).toMatchObject([{ W: 2 ** 53 }]);
  expect(ownTotalsOf(own).counters).toEqual({ a: 2 ** 54 - 2 });
});

test('asks again for what DynamoDB has left unread, after a pause', async () => {
  const { ports, requests } = await probeWith(
    { items: [itemOf('totals', { p: '1' })], unread: [itemOf('own', {})] },
    { items: [itemOf('own', { 'c a': '2' })] },
  );

  expect(await ports.record('one', 1)).toMatchObject({ totals: [{ p: 1 }], own: [{ 'c a': 2 }] });
  const [first, second] = requests;
  expect([first?.keys, second?.keys]).toEqual([2, 1]);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(95);
});

test('fails if items stay unread, because totals without them would be too low', async () => {
  const { ports, requests } = await probeWith({ items: [], unread: [itemOf('own', {})] });

  await expect(ports.record('one', 1)).rejects.toThrow('DynamoDB did not read 1 of 2 items of metrics: try again');
  expect(requests.length).toBeGreaterThan(3);
});

test('reads all mappings of the account by pages, and knows those of this mesh', async () => {
  const arn = (queue: string) => `arn:aws:sqs:us-east-1:123456789012:${queue}`;
  const pages = [
    {
      EventSourceMappings: [{ EventSourceArn: arn('posthorn-dev-one-inbox'), State: 'Disabling' }, { State: 'Enabled' }],
      NextMarker: 'two',
    },
    {
      EventSourceMappings: [
        { EventSourceArn: arn('posthorn-dev-two-inbox'), State: 'Enabled' },
        { EventSourceArn: arn('other'), State: 'Odd' },
      ],
    },
  ];
  const asked: string[] = [];
  const endpoint = await startAws(async (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(pages[asked.length - 1]));
  });
  const lambda = new LambdaClient({ endpoint });
  const [dynamodb, sqs] = [new DynamoDBClient({ endpoint }), new SQSClient({ endpoint })];
  onTestFinished(() => lambda.destroy());
  const place = { mesh: meshName(), registryTable: 'registry', offersTable: 'offers', metricsTable: 'metrics', queueUrl: '{queue}' };

  const isPaused = await awsProbe({ dynamodb, sqs, lambda, logger: { info() {}, warn() {} } }, place).mappings();

  expect(['one', 'two', 'three'].map(isPaused)).toEqual([true, false, undefined]);
  expect(asked).toEqual(['/2015-03-31/event-source-mappings', '/2015-03-31/event-source-mappings?Marker=two']);
});
