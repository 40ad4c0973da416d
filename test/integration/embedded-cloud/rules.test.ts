import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { UnsupportedTemplateError } from '../../../local/errors.ts';
import type { InvocationEvent } from '../../../local/lambda/event-source.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { until } from '../../helpers/until.ts';
import { agent, queue, type WrittenStack, writeAssembly } from '../../helpers/written-assembly.ts';
import { ssmClient } from './json-client.ts';
import { clients } from './running-fixture.ts';

/** Reports its version and each event to the queue `out`. */
const reporting = (version: string) => `
export const handler = async (event) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: process.env.AWS_ENDPOINT_URL + '/000000000000/out', MessageBody: JSON.stringify({ version: '${version}', event }) }),
  });
  if (!response.ok) throw new Error(await response.text());
};`;

type Resources = WrittenStack['resources'];

/** A function that no queue feeds. */
function lambda(name: string, source: string): Resources {
  const { [`${name}Function`]: resource = {} } = agent(name, { source });
  return { [name]: resource };
}

function rule(name: string, target: string, properties: object, more: object = {}): Resources {
  const arn = { 'Fn::GetAtt': [target, 'Arn'] };
  return {
    [`${name}Rule`]: {
      Type: 'AWS::Events::Rule',
      Properties: { Name: name, State: 'ENABLED', Targets: [{ Id: 'Target0', Arn: arn, ...more }], ...properties },
    },
    [`${name}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: { Action: 'lambda:InvokeFunction', FunctionName: arn, Principal: 'events.amazonaws.com' },
    },
  };
}

const parameter = (Name: string, Value: string): Resources => ({
  [Name.replaceAll('/', '')]: { Type: 'AWS::SSM::Parameter', Properties: { Name, Type: 'String', Value } },
});
const CHANGES = {
  EventPattern: { source: ['aws.ssm'], 'detail-type': ['Parameter Store Change'], detail: { name: [{ prefix: '/posthorn/dev/' }] } },
};

async function start(...resources: readonly Resources[]) {
  const logs: LogLine[] = [];
  const invocations: InvocationEvent[] = [];
  const cloud = await EmbeddedCloud.start({
    port: 0,
    onLog: (line) => logs.push(line),
    onInvocation: (event) => invocations.push(event),
    assemblyDirectory: stacks(...resources),
  });
  onTestFinished(() => cloud.stop());
  const { take, depth } = clients(cloud.endpoint);
  return {
    ...{ cloud, logs, invocations, depth, ssm: ssmClient(cloud.endpoint) },
    told: async (count: number) => (await take('out', count)).map((body) => JSON.parse(body)),
    deploy: (...next: readonly Resources[]) => cloud.deploy({ assemblyDirectory: stacks(...next) }),
  };
}

function stacks(...resources: readonly Resources[]): string {
  return writeAssembly({ mesh: { resources: Object.assign({ Out: queue('out') }, ...resources) } });
}

test('each change of a parameter reaches the function whose rule matches', async () => {
  const roster = [lambda('roster', reporting('v1')), rule('changes', 'roster', CHANGES)];
  const { cloud, ssm, told, deploy, depth } = await start(
    ...roster,
    parameter('/posthorn/dev/a', 'one'),
    parameter('/posthorn/prod/a', 'x'),
  );
  const change = (operation: string, name: string) => ({
    version: 'v1',
    event: {
      ...{ version: '0', id: expect.any(String), source: 'aws.ssm', 'detail-type': 'Parameter Store Change', account: '000000000000' },
      ...{ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), region: 'us-east-1' },
      ...{ resources: [`arn:aws:ssm:us-east-1:000000000000:parameter${name}`], detail: { operation, name, type: 'String' } },
    },
  });

  expect(await told(1)).toEqual([change('Create', '/posthorn/dev/a')]);
  expect(cloud.resources.map(({ physicalName }) => physicalName)).toEqual([
    ...['out', '/posthorn/dev/a', '/posthorn/prod/a', 'roster', 'changes'],
  ]);
  expect(cloud.ignored).toEqual([]);

  await ssm('PutParameter', { Name: '/posthorn/dev/b', Value: 'v', Type: 'String' });
  expect(await told(1)).toEqual([change('Create', '/posthorn/dev/b')]);
  await ssm('PutParameter', { Name: '/posthorn/dev/b', Value: 'w', Overwrite: true });
  expect(await told(1)).toEqual([change('Update', '/posthorn/dev/b')]);
  await ssm('DeleteParameter', { Name: '/posthorn/dev/b' });
  expect(await told(1)).toEqual([change('Delete', '/posthorn/dev/b')]);
  await ssm('PutParameter', { Name: '/posthorn/prod/b', Value: 'v', Type: 'String' });
  await deploy(...roster, parameter('/posthorn/dev/a', 'two'));
  expect(await told(1)).toEqual([change('Update', '/posthorn/dev/a')]);
  await deploy(...roster);
  expect(await told(1)).toEqual([change('Delete', '/posthorn/dev/a')]);
  expect(await depth('out')).toBe(0);
});

test('what a deployment causes is handled by the functions and the rules of that deployment', async () => {
  const { told, deploy, ssm } = await start(lambda('roster', reporting('v1')), rule('changes', 'roster', CHANGES));
  await ssm('PutParameter', { Name: '/posthorn/dev/warm', Value: 'v', Type: 'String' });
  expect(await told(1)).toMatchObject([{ version: 'v1' }]);

  const report = await deploy(
    ...[lambda('roster', reporting('v2')), rule('changes', 'roster', CHANGES), parameter('/posthorn/dev/a', 'one')],
    ...[lambda('second', reporting('second')), rule('changes-too', 'second', CHANGES)],
  );

  expect(report).toMatchObject({ created: ['/posthorn/dev/a', 'second', 'changes-too'], updated: ['roster'] });
  expect((await told(2)).map(({ version }) => version).sort()).toEqual(['second', 'v2']);
});

test('a rate begins with each deployment, with the target’s input', async () => {
  const sweeper = (version: string) => [
    lambda('sweeper', reporting(version)),
    rule('sweep', 'sweeper', { ScheduleExpression: 'rate(5 minutes)' }, { Input: '{"sweep":true}' }),
    rule('plain', 'sweeper', { ScheduleExpression: 'rate(1 day)' }),
  ];
  const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
  const plain = { ...scheduled, resources: ['arn:aws:events:us-east-1:000000000000:rule/plain'] };
  const { told, deploy } = await start(...sweeper('v1'));

  const first = await told(2);
  expect(first).toContainEqual({ version: 'v1', event: { sweep: true } });
  expect(first).toContainEqual({ version: 'v1', event: expect.objectContaining(plain) });
  await deploy(...sweeper('v2'));
  expect((await told(2)).map(({ version }) => version)).toEqual(['v2', 'v2']);
});

test('a function that fails gets the event twice more, and the log says that it was dropped', async () => {
  const failing = `export const handler = async () => { throw new Error('not today'); };`;
  const { invocations, logs, cloud } = await start(
    lambda('failing', failing),
    rule('sweep', 'failing', { ScheduleExpression: 'rate(1 hour)' }),
  );

  const dropped = await until('it was dropped', () => logs.find(({ text }) => text.includes('dropped')));

  expect(dropped).toMatchObject({
    ...{ functionName: 'failing', stream: 'platform', requestId: invocations[0]?.requestId },
    text: 'The event of rule sweep was dropped after 3 attempts, of which the last failed: Error: not today',
  });
  expect(invocations.map(({ outcome, messageIds }) => [outcome, messageIds])).toEqual(Array(3).fill(['failed', []]));
  expect(new Set(invocations.map(({ requestId }) => requestId)).size).toBe(1);
  await cloud.stop();
});

test('an event that waits for its retry is dropped when its function is removed', async () => {
  const failing = `export const handler = async () => { throw new Error('not today'); };`;
  const { invocations, logs, deploy } = await start(
    lambda('failing', failing),
    rule('sweep', 'failing', { ScheduleExpression: 'rate(1 hour)' }),
  );
  await until('it has failed', () => invocations.length === 1);

  await deploy();

  const dropped = await until('it was dropped', () => logs.find(({ text }) => text.includes('dropped')));
  expect(dropped.text).toBe('The event of rule sweep was dropped: failing is no longer deployed');
});

test('a retry runs the current version, and stop waits for no retry', async () => {
  const failing = `export const handler = async () => { throw new Error('not today'); };`;
  const sweep = rule('sweep', 'worker', { EventPattern: CHANGES.EventPattern });
  const { told, ssm, deploy, invocations, cloud } = await start(lambda('worker', failing), sweep);
  await ssm('PutParameter', { Name: '/posthorn/dev/a', Value: 'v', Type: 'String' });
  await until('it has failed', () => invocations.length === 1);

  await deploy(lambda('worker', reporting('v2')), sweep);
  expect(await told(1)).toMatchObject([{ version: 'v2', event: { detail: { name: '/posthorn/dev/a' } } }]);

  await deploy(lambda('worker', failing), sweep);
  await ssm('PutParameter', { Name: '/posthorn/dev/b', Value: 'v', Type: 'String' });
  await until('it has failed again', () => invocations.length === 3);
  await cloud.stop();
  await setTimeout(1_500);
  expect(invocations).toHaveLength(3);
});

test('a disabled rule passes nothing on, and one that is removed no longer does', async () => {
  const worker = lambda('worker', reporting('v1'));
  const { deploy, depth, told, invocations } = await start(
    ...[worker, rule('off', 'worker', { ...CHANGES, State: 'DISABLED' }), parameter('/posthorn/dev/a', 'v')],
    rule('never', 'worker', { ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' }),
  );
  await deploy(worker, rule('on', 'worker', CHANGES), parameter('/posthorn/dev/a', 'w'));
  expect(await told(1)).toMatchObject([{ event: { detail: { operation: 'Update' } } }]);
  // The function reports to the queue before its invocation ends.
  await until('its invocation has ended', () => invocations.length === 1);

  const report = await deploy(parameter('/posthorn/dev/a', 'x'));

  expect(report.removed).toMatchObject([{ names: ['worker', 'on'] }]);
  expect(invocations).toHaveLength(1);
  expect(await depth('out')).toBe(0);
});

test('rules that cannot be imitated are listed, and what only they feed does not run', async () => {
  const { cloud } = await start(
    lambda('worker', reporting('v1')),
    rule('cron', 'worker', { ScheduleExpression: 'cron(0 12 * * ? *)' }),
    rule('suffix', 'worker', { EventPattern: { source: [{ suffix: '.ssm' }] } }),
    rule('custom', 'worker', { EventBusName: 'own', EventPattern: { source: ['own'] } }),
    rule('transformed', 'worker', CHANGES, { InputPath: '$.detail' }),
    rule('queue', 'Out', CHANGES),
    { Api: { Type: 'AWS::Lambda::Permission', Properties: { Principal: 'apigateway.amazonaws.com' } } },
  );

  expect(ignoredLine(cloud.ignored)).toBe('ignored: Events::Rule ×5, Lambda::Function ×1, Lambda::Permission ×1');
});

test('of a rule with two targets the one that is a function here is invoked', async () => {
  const Targets = [
    { Id: 'a', Arn: { 'Fn::GetAtt': ['worker', 'Arn'] }, RetryPolicy: { MaximumRetryAttempts: 1 } },
    { Id: 'b', Arn: { 'Fn::GetAtt': ['Out', 'Arn'] } },
  ];
  const both = { ScheduleExpression: 'cron(0 12 * * ? *)', Targets };
  const { cloud, told } = await start(
    lambda('worker', reporting('v1')),
    rule('two', 'worker', { ...CHANGES, ...both }),
    parameter('/posthorn/dev/a', 'v'),
  );

  expect(await told(1)).toMatchObject([{ event: { source: 'aws.ssm' } }]);
  expect(ignoredLine(cloud.ignored)).toBe('ignored: properties: Events::Rule (ScheduleExpression, Targets, Targets.RetryPolicy)');
});

test('a function that a rule feeds must be able to run', async () => {
  const worker = { worker: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'worker', Runtime: 'python3.13', Code: {} } } };

  const refused = start(worker, rule('changes', 'worker', CHANGES));

  await expect(refused).rejects.toThrow(UnsupportedTemplateError);
  await expect(refused).rejects.toThrow('worker runs on python3.13; only nodejs runs here');
});
