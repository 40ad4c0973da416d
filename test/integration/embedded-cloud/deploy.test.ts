import { rmSync } from 'node:fs';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { StackConflictError, TableChangedError, UnsupportedTemplateError } from '../../../local/errors.ts';
import type { InvocationEvent } from '../../../local/lambda/event-source.ts';
import { until } from '../../helpers/until.ts';
import { agent, queue, table, type WrittenStack, writeAssembly } from '../../helpers/written-assembly.ts';
import { clients } from './running-fixture.ts';

/** Reports each message and its own version to the queue `out`. It handles a message `wait` when the queue `gate` has a message. */
const handler = (version: string) => `
import { SQSClient, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
const sqs = new SQSClient({});
const url = (name) => process.env.AWS_ENDPOINT_URL + '/000000000000/' + name;
const tell = (fact) => sqs.send(new SendMessageCommand({ QueueUrl: url('out'), MessageBody: '${version} ' + fact }));
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    await tell('began ' + body);
    if (body === 'fail') throw new Error('not today');
    for (let opened; body.startsWith('wait') && !opened; ) {
      const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url('gate'), WaitTimeSeconds: 20 }));
      opened = message && (await sqs.send(new DeleteMessageCommand({ QueueUrl: url('gate'), ReceiptHandle: message.ReceiptHandle })));
    }
    await tell('ended ' + body);
  }
};`;

const state: WrittenStack = {
  resources: { Out: queue('out'), Gate: queue('gate'), Ledger: table('ledger', 'key') },
  exports: { 'state:Out': { 'Fn::GetAtt': ['Out', 'Arn'] } },
};
const agents = (...resources: readonly WrittenStack['resources'][]): WrittenStack => ({ resources: Object.assign({}, ...resources) });

async function startCloud(stacks?: Readonly<Record<string, WrittenStack>>) {
  const invocations: InvocationEvent[] = [];
  const cloud = await EmbeddedCloud.start({
    port: 0,
    onInvocation: (event) => invocations.push(event),
    ...(stacks && { assemblyDirectory: writeAssembly(stacks) }),
  });
  onTestFinished(() => cloud.stop());
  const { sqs, dynamo, url, take, depth } = clients(cloud.endpoint);
  return {
    ...{ cloud, invocations, sqs, dynamo, url, depth },
    told: async (count: number) => [...(await take('out', count))].sort(),
    send: async (queueName: string, ...bodies: readonly string[]) => {
      for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: await url(queueName), MessageBody }));
    },
    queueNames: async () => (await sqs.send(new ListQueuesCommand({}))).QueueUrls?.map((each) => each.split('/').at(-1)) ?? [],
    deploy: (next: Readonly<Record<string, WrittenStack>>, owner?: string) => {
      const assemblyDirectory = writeAssembly(next);
      return cloud
        .deploy({ assemblyDirectory, ...(owner !== undefined && { owner }) })
        .finally(() => rmSync(assemblyDirectory, { recursive: true }));
    },
  };
}

test('a cloud that starts empty serves what is deployed later', async () => {
  const { deploy, send, told, cloud } = await startCloud();
  expect(cloud.resources).toEqual([]);

  const report = await deploy({ state, agents: agents(agent('one', { source: handler('v1') })) });
  await send('one-inbox', 'hello');

  expect(report).toEqual({ created: ['out', 'gate', 'ledger', 'one-inbox', 'one'], updated: [], removed: [], ignored: [] });
  expect(await told(2)).toEqual(['v1 began hello', 'v1 ended hello']);
});

test('new code takes the next message while the old code ends the one that it has', async () => {
  const version = (name: string) => ({
    state,
    agents: agents(agent('one', { source: handler(name) }), agent('two', { source: handler('other') })),
  });
  const { cloud, deploy, send, told, depth, invocations } = await startCloud(version('v1'));
  await send('one-inbox', 'wait');
  await send('two-inbox', 'warm');
  expect(await told(3)).toEqual(['other began warm', 'other ended warm', 'v1 began wait']);
  const workersOf = (name: string) => cloud.workers().filter(({ functionName }) => functionName === name);
  const unchanged = workersOf('two').map(({ id }) => id);

  expect(await deploy(version('v2'))).toEqual({ created: [], updated: ['one'], removed: [], ignored: [] });
  await send('one-inbox', 'next');
  expect(await told(2)).toEqual(['v2 began next', 'v2 ended next']);
  expect(workersOf('one').map(({ isBusy }) => isBusy)).toContain(true);

  await send('gate', 'open');
  expect(await told(1)).toEqual(['v1 ended wait']);
  await until('the old worker has ended', () => workersOf('one').length === 1 && invocations.length === 3);
  expect(invocations.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(workersOf('two').map(({ id }) => id)).toEqual(unchanged);
  expect(await depth('one-inbox')).toBe(0);
});

test('every message is handled once while versions follow each other', async () => {
  const version = (name: string) => ({ state, agents: agents(agent('one', { source: handler(name), maxConcurrency: 3 })) });
  const { deploy, send, told, depth, invocations } = await startCloud(version('v0'));
  const bodies = Array.from({ length: 60 }, (_, index) => `message-${index}`);

  const sent = send('one-inbox', ...bodies);
  for (let next = 1; next <= 5; next++) {
    await until('the version before it is used', () => invocations.length >= next * 8);
    await deploy(version(`v${next}`));
  }
  await sent;
  await until('all are handled', () => invocations.length >= bodies.length);

  const facts = await told(2 * bodies.length);
  expect(facts.map((fact) => fact.replace(/^v\d /, '')).sort()).toEqual(
    bodies.flatMap((body) => [`began ${body}`, `ended ${body}`]).sort(),
  );
  const versions = new Map<string, Set<string>>();
  for (const [version = '', , body = ''] of facts.map((fact) => fact.split(' '))) {
    versions.set(body, (versions.get(body) ?? new Set()).add(version));
  }
  expect([...versions.values()].every(({ size }) => size === 1)).toBe(true);
  expect(new Set(facts.map((fact) => fact.slice(0, 2))).size).toBeGreaterThan(3);
  expect(await depth('one-inbox')).toBe(0);
});

test('a higher concurrency is used at once, and a mapping takes a new batch size in place', async () => {
  const sized = (maxConcurrency: number, batchSize = 1) => ({
    state,
    agents: agents(agent('one', { source: handler('v1'), maxConcurrency, batchSize })),
  });
  const { cloud, deploy, send, told, invocations } = await startCloud(sized(2));
  await send('one-inbox', 'wait-1', 'wait-2', 'wait-3', 'wait-4');
  expect(await told(2)).toEqual(['v1 began wait-1', 'v1 began wait-2']);

  expect(await deploy(sized(4))).toMatchObject({ created: [], updated: ['one'] });
  expect(await told(2)).toEqual(['v1 began wait-3', 'v1 began wait-4']);
  expect(cloud.workers().map(({ isBusy }) => isBusy)).toEqual([true, true, true, true]);

  await send('gate', '1', '2', '3', '4');
  await told(4);
  await until('all have ended', () => invocations.length === 4);
  await deploy(sized(2, 10));
  await send('one-inbox', 'wait-5');
  await told(1);
  await send('one-inbox', 'wait-6');
  await told(1);
  await send('one-inbox', 'a', 'b', 'c');
  await send('gate', '5', '6');
  await until('the last three are handled', () => invocations.flatMap(({ messageIds }) => messageIds).length === 9);
  expect(invocations.map(({ messageIds }) => messageIds.length).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 3]);
});

test('a removed agent stops, is reported with what its queue holds, and goes on when it is deployed again', async () => {
  const one = agent('one', { source: handler('v1') });
  const two = agent('two', { source: handler('v1') });
  const { cloud, deploy, send, told, sqs, url, invocations } = await startCloud({ state, one: agents(one), two: agents(two) });
  await send('two-inbox', 'fail');
  await until('it has failed', () => invocations.length === 1);
  await told(1);

  const report = await deploy({ state, one: agents(one) });

  expect(report.removed).toEqual([{ stackName: 'two', names: ['two-inbox', 'two'], queues: [{ name: 'two-inbox', messages: 1 }] }]);
  await until('its worker has ended', () => cloud.workers().length === 0);
  await send('two-inbox', 'kept');
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: await url('two-inbox'), VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] }),
  );
  expect(Messages).toMatchObject([{ Body: 'kept', Attributes: { ApproximateReceiveCount: '1' } }]);

  expect(await deploy({ state, one: agents(one), two: agents(two) })).toMatchObject({ created: ['two-inbox', 'two'], removed: [] });
  expect(await told(2)).toEqual(['v1 began kept', 'v1 ended kept']);
});

test('owners deploy side by side: what one exports another imports, and neither touches the other', async () => {
  const { cloud, deploy, send, told } = await startCloud();
  const importing = agents(agent('guest', { source: handler('guest'), environment: { OUT: { 'Fn::ImportValue': 'state:Out' } } }));

  const early = deploy({ guest: importing }, '/guest');
  await expect(early).rejects.toThrow(UnsupportedTemplateError);
  await expect(early).rejects.toThrow('No export named state:Out found. Stack guest imports it: deploy the stack that exports it first');
  await deploy({ state, host: agents(agent('host', { source: handler('host') })) }, '/host');
  const report = await deploy({ guest: importing }, '/guest');
  expect(report).toEqual({ created: ['guest-inbox', 'guest'], updated: [], removed: [], ignored: [] });
  expect(await deploy({ state, host: agents(agent('host', { source: handler('host-2') })) }, '/host')).toMatchObject({
    ...{ created: [], updated: ['host'], removed: [] },
  });

  await send('guest-inbox', 'a');
  await send('host-inbox', 'b');
  expect(await told(4)).toEqual(['guest began a', 'guest ended a', 'host-2 began b', 'host-2 ended b']);
  expect([...new Set(cloud.resources.map(({ stackName }) => stackName))]).toEqual(['state', 'host', 'guest']);
});

test('an owner is refused the stacks and the resources of another', async () => {
  const { deploy, queueNames } = await startCloud();
  await deploy({ state }, '/host');

  const stack = deploy({ state: { resources: { New: queue('new') } } }, '/guest');
  await expect(stack).rejects.toThrow(StackConflictError);
  await expect(stack).rejects.toThrow('Stack state of /guest is deployed by /host already: give one of them another name or prefix');
  await expect(deploy({ other: { resources: { New: queue('new'), Out: queue('out') } } }, '/guest')).rejects.toThrow(
    'AWS::SQS::Queue out of /guest (stack other) is in stack state of /host already: give one of them another name',
  );
  expect(await queueNames()).toEqual(['gate', 'out']);
});

test('a template that is refused changes nothing', async () => {
  const { cloud, deploy, send, told, queueNames, dynamo } = await startCloud({
    state,
    agents: agents(agent('one', { source: handler('v1') })),
  });
  const next = agents(agent('one', { source: handler('v2') }), { New: queue('new'), NewTable: table('new', 'key') });
  const tooLong = agents(agent('two', { source: handler('v2'), inbox: { VisibilityTimeout: 10 } }));

  await expect(deploy({ state, agents: next, tooLong })).rejects.toThrow(UnsupportedTemplateError);
  const changedTable = { resources: { ...state.resources, Ledger: table('ledger', 'other') } };
  await expect(deploy({ state: changedTable, agents: next })).rejects.toThrow(TableChangedError);

  expect(await queueNames()).toEqual(['gate', 'one-inbox', 'out']);
  expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual(['ledger']);
  expect(cloud.resources).toHaveLength(5);
  await send('one-inbox', 'hello');
  expect(await told(2)).toEqual(['v1 began hello', 'v1 ended hello']);
});

test('a queue takes on changed attributes, and keeps its messages', async () => {
  const { deploy, send, sqs, url, depth } = await startCloud({ state });
  await send('out', 'kept');

  const changed = { resources: { ...state.resources, Out: queue('out', { VisibilityTimeout: 77 }) }, exports: {} };
  expect(await deploy({ state: changed })).toEqual({ created: [], updated: ['out'], removed: [], ignored: [] });

  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: await url('out'), AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({ VisibilityTimeout: '77' });
  expect(await depth('out')).toBe(1);
});

test('stop waits for a deployment that is under way, and nothing is deployed afterwards', async () => {
  const { cloud, deploy } = await startCloud();

  const deployed = deploy({ state });
  await cloud.stop();

  await expect(deployed).resolves.toMatchObject({ created: ['out', 'gate', 'ledger'] });
  await expect(deploy({ state })).rejects.toThrow('The embedded cloud was stopped, so it takes no deployments');
});
