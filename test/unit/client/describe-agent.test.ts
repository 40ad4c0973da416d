import type { RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { MeshClient, NoAgentsError, NoCardError, UnknownAgentError } from '../../../client/index.ts';
import { totalsOf } from '../../../events/metrics-record.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import { startAws } from '../runtime/aws/local-aws.ts';
import { agentOf } from '../services/registrations.ts';

const DENIED = { __type: 'AccessDeniedException', Message: 'no' };
const NONE = { visible: 0, inFlight: 0, delayed: 0 };

const AGENTS = [agentOf('billing'), agentOf('sum', { capabilities: ['sums', 'sums', 'products'] })];

const SNAPSHOT = {
  ...{ agent: 'sum', version: '1.0.0', at: 1_000, concurrency: 1, shards: 1, totals: totalsOf([]), isPaused: true },
  own: { counters: {}, timers: {}, overflow: 0 },
  queues: { inbox: { ...NONE, visible: 7 }, errors: NONE, deadLetters: NONE },
};

const OFFER = { capability: 'sums', agent: 'sum', declared: '{"version":"1.0.0"}', revision: 1, weight: 30 };

const MAPPING = { UUID: 'u', State: 'Enabled', EventSourceArn: 'arn:aws:sqs:eu-central-1:0:posthorn-dev-sum-inbox' };

const querySchema = z.object({ TableName: z.string(), ExpressionAttributeValues: z.record(z.string(), z.object({ S: z.string() })) });

interface World {
  readonly agents?: readonly AgentRegistration[];
  readonly attributes?: object;
  readonly mappings?: object;
}

/** A mesh, and the queries of its tables. */
async function meshOf({ agents = AGENTS, attributes, mappings }: World = {}) {
  const queries: string[] = [];
  const query = (input: unknown): readonly object[] => {
    const { TableName, ExpressionAttributeValues } = z.parse(querySchema, input);
    const partition = ExpressionAttributeValues[':partition']?.S ?? '';
    const sort = ExpressionAttributeValues[':sort']?.S;
    queries.push([TableName.split('-').at(-1), partition, ...(sort === undefined ? [] : [sort])].join(' '));
    const items: Readonly<Record<string, readonly object[]>> = {
      'posthorn-dev-registry': agents
        .filter(({ id }) => sort === undefined || id === sort)
        .map((agent) => ({ kind: 'agent', id: agent.id, revision: 1, value: JSON.stringify({ ...agent, app: 'mesh' }) })),
      'posthorn-dev-offers': partition === OFFER.capability ? [OFFER] : [],
      'posthorn-dev-metrics': [{ value: JSON.stringify({ now: SNAPSHOT }) }],
    };
    return items[TableName] ?? [];
  };
  const answer = (target: string, input: unknown): object => {
    if (target.endsWith('Query')) return { Items: query(input).map((item) => marshall(item)) };
    if (target.endsWith('GetQueueUrl')) return { QueueUrl: 'http://queue' };
    if (target.endsWith('GetQueueAttributes')) return attributes ?? { Attributes: { ApproximateNumberOfMessages: '5' } };
    return mappings ?? { EventSourceMappings: [MAPPING] };
  };
  const listener: RequestListener = async (request, response) => {
    const input = request.method === 'GET' ? undefined : await json(request);
    const body = answer(String(request.headers['x-amz-target']), input);
    response.writeHead('__type' in body ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const mesh = new MeshClient({ endpoint: await startAws(listener) });
  onTestFinished(() => mesh[Symbol.asyncDispose]());
  return { mesh, queries };
}

test('an agent has the queues and the pause of now, by a query of each thing that is asked for', async () => {
  const { mesh, queries } = await meshOf();

  expect(await mesh.describeAgent('sum')).toMatchObject({
    ...{ agent: 'sum', app: 'mesh', isPaused: false, at: new Date(1_000), queues: { inbox: { ...NONE, visible: 5 } } },
    capabilities: [{ id: 'sums', weight: 30 }, { id: 'products' }],
  });
  expect(queries.toSorted()).toEqual(['metrics #latest sum', 'offers products sum', 'offers sums sum', 'registry agent sum']);
});

test('what IAM denies is what the latest snapshot says', async () => {
  const { mesh } = await meshOf({ attributes: DENIED, mappings: DENIED });

  expect(await mesh.describeAgent('sum')).toMatchObject({ isPaused: true, queues: SNAPSHOT.queues });
});

test('an agent without an event source mapping is as its latest snapshot says', async () => {
  const { mesh } = await meshOf({ mappings: { EventSourceMappings: [] } });

  expect(await mesh.describeAgent('sum')).toMatchObject({ isPaused: true, queues: { inbox: { visible: 5 } } });
});

test('a failure that says nothing about the agent is thrown', async () => {
  const { mesh } = await meshOf({ attributes: { __type: 'InvalidAddress', Message: 'broken' } });

  await expect(mesh.describeAgent('sum')).rejects.toThrow('broken');
});

test('agents are listed by a query for each capability', async () => {
  const { mesh, queries } = await meshOf();

  expect(await mesh.listAgents()).toMatchObject([
    { agent: 'billing', capabilities: [{ id: 'billing', weight: undefined }], at: undefined, isHealthy: true },
    { agent: 'sum', capabilities: [{ id: 'sums', weight: 30 }, { id: 'products' }], isPaused: true, at: new Date(1_000) },
  ]);
  expect(queries.toSorted()).toEqual(['metrics #latest', 'offers billing', 'offers products', 'offers sums', 'registry agent']);
});

test('an agent that is not there is named with those that are, and no odd id is asked for', async () => {
  const { mesh, queries } = await meshOf();

  await expect(mesh.describeAgent('summ')).rejects.toMatchObject({ remedy: "Did you mean 'sum'? Its agents: billing, sum." });
  for (const odd of ['', '\u0000', '../sum', 'x'.repeat(2_000)]) await expect(mesh.agentCard(odd)).rejects.toThrow(UnknownAgentError);
  expect([...new Set(queries)]).toEqual(['registry agent summ', 'registry agent']);
  await expect(mesh.agentCard('sum')).rejects.toThrow(NoCardError);
});

test('a mesh without agents says so', async () => {
  const { mesh } = await meshOf({ agents: [] });

  await expect(mesh.listAgents()).rejects.toThrow(NoAgentsError);
  await expect(mesh.describeAgent('sum')).rejects.toThrow(NoAgentsError);
});
