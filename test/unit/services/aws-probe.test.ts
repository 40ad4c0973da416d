import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { meshName } from '../../../events/names.ts';
import { ownTotalsOf } from '../../../events/own-metrics-record.ts';
import { awsProbe } from '../../../functions/services/probe/aws-probe.ts';
import { startAws } from '../runtime/aws/local-aws.ts';

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

/** A probe whose table answers each BatchGetItem with the next of these. */
async function probeWith(...answers: readonly { readonly items: readonly Item[]; readonly unread?: readonly Item[] }[]) {
  const requests: unknown[] = [];
  const endpoint = await startAws(async (request, response) => {
    requests.push(JSON.parse(await text(request)));
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
  const place = { mesh: meshName(), registryTable: 'registry', metricsTable: 'metrics', queueUrl: '{queue}' };
  return { requests, ports: awsProbe(clients, place) };
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
