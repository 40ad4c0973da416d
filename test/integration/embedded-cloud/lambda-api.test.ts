import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListEventSourceMappingsCommand,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { DataDirectoryDamagedError } from '../../../local/errors.ts';
import type { InvocationEvent } from '../../../local/lambda/event-source.ts';
import { checkDataDirectory } from '../../../local/services/data-directory.ts';
import { until } from '../../helpers/until.ts';
import { agent, queue, writeAssembly } from '../../helpers/written-assembly.ts';
import { clients, credentials } from './running-fixture.ts';

/** Echoes its event, or does what it says. A batch is told to the queue `out`; a message `wait` ends when `gate` has a message. */
const SOURCE = `
import { setTimeout } from 'node:timers/promises';
const call = async (target, input) => {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.' + target };
  return (await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: JSON.stringify(input) })).json();
};
const url = (name) => process.env.AWS_ENDPOINT_URL + '/000000000000/' + name;
export const handler = async (event, context) => {
  if (event.Records === undefined) {
    if (event.throws) throw new TypeError(event.throws);
    if (event.exits) process.exit(1);
    if (event.sleepMs) await setTimeout(event.sleepMs);
    if (event.tells) await call('SendMessage', { QueueUrl: url('out'), MessageBody: event.tells });
    return event.bytes ? 'x'.repeat(event.bytes) : { event, requestId: context.awsRequestId };
  }
  for (const { body, attributes } of event.Records) {
    await call('SendMessage', { QueueUrl: url('out'), MessageBody: body + ' ' + attributes.ApproximateReceiveCount });
    while (body === 'wait') if ((await call('ReceiveMessage', { QueueUrl: url('gate'), WaitTimeSeconds: 20 })).Messages) break;
  }
};`;

type Enabled = boolean | 'absent';

/** One function with an inbox of its own, and on request a second of each. */
function assembly({ enabled = 'absent', second = true, batchSize = 1 }: { enabled?: Enabled; second?: boolean; batchSize?: number } = {}) {
  const one = agent('one', { source: SOURCE, batchSize });
  const { oneMapping } = one;
  const switched = (resource: object | undefined) =>
    resource !== undefined && 'Properties' in resource && typeof resource.Properties === 'object'
      ? { ...resource, Properties: { ...resource.Properties, ...(enabled !== 'absent' && { Enabled: enabled }) } }
      : {};
  return writeAssembly({
    state: { resources: { Out: queue('out'), Gate: queue('gate') } },
    agents: { resources: { ...one, oneMapping: switched(oneMapping), ...(second && agent('two', { source: SOURCE })) } },
  });
}

async function start(assemblyDirectory = assembly(), dataDirectory?: string) {
  const invocations: InvocationEvent[] = [];
  const cloud = await EmbeddedCloud.start({
    ...{ port: 0, assemblyDirectory, onInvocation: (event) => invocations.push(event) },
    ...(dataDirectory !== undefined && { dataDirectory }),
  });
  onTestFinished(() => cloud.stop());
  const lambda = new LambdaClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(() => lambda.destroy());
  const { sqs, url, take } = clients(cloud.endpoint);
  const mapping = async (FunctionName = 'one') =>
    (await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }))).EventSourceMappings?.[0];
  return {
    ...{ cloud, lambda, invocations, sqs, url, take, mapping },
    async invoke(input: Partial<InvokeCommandInput> & { readonly event?: unknown }) {
      const { event = {}, ...rest } = input;
      const answer = await lambda.send(new InvokeCommand({ FunctionName: 'one', Payload: JSON.stringify(event), ...rest }));
      const text = answer.Payload?.transformToString() ?? '';
      return { ...answer, payload: text === '' ? undefined : JSON.parse(text) };
    },
    async enable(Enabled: boolean) {
      const { UUID } = (await mapping()) ?? {};
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
      await until('the mapping is switched', async () => (await mapping())?.State === (Enabled ? 'Enabled' : 'Disabled'));
    },
    async send(body: string) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await url('one-inbox'), MessageBody: body }));
    },
  };
}

describe('Invoke', () => {
  test('answers with the response, under the name, the ARN and $LATEST', async () => {
    const { invoke, invocations } = await start();

    const answer = await invoke({ event: { name: 'Ada' } });

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', payload: { event: { name: 'Ada' } } });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.payload.requestId).toBe(answer.$metadata.requestId);
    for (const FunctionName of ['000000000000:function:one', 'arn:aws:lambda:us-east-1:000000000000:function:one', 'one:$LATEST']) {
      expect((await invoke({ FunctionName, event: 7 })).payload.event).toBe(7);
    }
    expect((await invoke({ Qualifier: '$LATEST', Payload: new Uint8Array() })).payload.event).toEqual({});
    expect(invocations).toHaveLength(5);
    expect(invocations[0]).toMatchObject({ functionName: 'one', outcome: 'succeeded', messageIds: [] });
  });

  test('answers with the error of a function that throws, exits, or answers too much', async () => {
    const { invoke } = await start();

    expect(await invoke({ event: { throws: 'not today' } })).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: { errorType: 'TypeError', errorMessage: 'not today', trace: expect.arrayContaining(['TypeError: not today']) },
    });
    const exited = await invoke({ event: { exits: true } });
    expect(exited).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', payload: { errorType: 'Runtime.ExitError' } });
    expect(exited.payload.errorMessage).toContain(`RequestId: ${exited.$metadata.requestId} Error: `);
    expect(await invoke({ event: { bytes: 6_291_557 } })).toMatchObject({
      FunctionError: 'Unhandled',
      payload: { errorType: 'Function.ResponseSizeTooLarge' },
    });
    expect((await invoke({ event: { name: 'still there' } })).payload.event).toEqual({ name: 'still there' });
  });

  test('Event is invoked asynchronously, and DryRun not at all', async () => {
    const { invoke, take, invocations } = await start();

    const dry = await invoke({ InvocationType: 'DryRun', event: { tells: 'dry' } });
    const event = await invoke({ InvocationType: 'Event', event: { tells: 'told' } });

    expect([dry.StatusCode, event.StatusCode]).toEqual([204, 202]);
    expect([dry.payload, event.payload]).toEqual([undefined, undefined]);
    expect(await take('out', 1)).toEqual(['told']);
    await until('its invocation has ended', () => invocations.length === 1);
  });

  test('refuses what Lambda refuses', async () => {
    const { invoke, cloud } = await start();

    await expect(invoke({ FunctionName: 'nobody' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody'),
      $metadata: { httpStatusCode: 404 },
    });
    await expect(invoke({ Qualifier: 'live' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(invoke({ Payload: 'no json' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    await expect(invoke({ Payload: `"${'x'.repeat(6_291_456)}"` })).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    const large = { InvocationType: 'Event', Payload: `"${'x'.repeat(1_048_576)}"` } as const;
    await expect(invoke(large)).rejects.toMatchObject({ name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } });
    const unsigned = await fetch(`${cloud.endpoint}/2015-03-31/functions/one/invocations`, { method: 'POST', body: '{"name":"curl"}' });
    expect(await unsigned.json()).toMatchObject({ event: { name: 'curl' } });
  });

  test('as many invocations as there are run, and more wait for them', async () => {
    const { invoke } = await start();

    const answers = await Promise.all(Array.from({ length: 25 }, (_, index) => invoke({ event: { index, sleepMs: 20 } })));

    expect(answers.map(({ payload }) => payload.event.index)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });
});

describe('event source mappings', () => {
  test('are listed by function and queue, page by page', async () => {
    const { lambda, mapping, cloud } = await start(assembly({ batchSize: 5 }));
    const list = async (input: object) => (await lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings ?? [];

    const one = await mapping();

    expect(one).toMatchObject({
      BatchSize: 5,
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:one-inbox',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:one',
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${one?.UUID}`,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumBatchingWindowInSeconds: 0,
      State: 'Enabled',
      StateTransitionReason: 'USER_INITIATED',
      LastModified: expect.any(Date),
    });
    expect(await list({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:one-inbox' })).toEqual([one]);
    expect(await list({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:one-inbox', FunctionName: 'two' })).toEqual([]);
    expect(await list({ FunctionName: 'nobody' })).toEqual([]);
    const pages: number[] = [];
    const found: unknown[] = [];
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client: lambda, pageSize: 1 }, {})) {
      pages.push(EventSourceMappings.length);
      found.push(...EventSourceMappings.map(({ FunctionArn }) => FunctionArn));
    }
    expect(pages).toEqual([1, 1]);
    expect(found.toSorted()).toEqual(['one', 'two'].map((name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`));
    const { $metadata, ...got } = await lambda.send(new GetEventSourceMappingCommand({ UUID: one?.UUID }));
    expect(got).toEqual(one);

    const other = await start(assembly({ batchSize: 5 }));
    expect(other.cloud.endpoint).not.toBe(cloud.endpoint);
    expect((await other.mapping())?.UUID).toBe(one?.UUID);
  });

  test('a disabled one receives nothing, and what runs ends normally', async () => {
    const { lambda, mapping, enable, send, sqs, url, take, invocations } = await start();
    await send('wait');
    expect(await take('out', 1)).toEqual(['wait 1']);

    const { UUID } = (await mapping()) ?? {};
    const { State } = await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    expect(State).toBe('Disabling');
    await until('it is disabled', async () => (await mapping())?.State === 'Disabled');
    await send('later');
    await sqs.send(new SendMessageCommand({ QueueUrl: await url('gate'), MessageBody: 'open' }));
    await until('the invocation has ended', () => invocations.length === 1);
    expect(invocations[0]).toMatchObject({ outcome: 'succeeded', failedMessageIds: [] });

    const received = await sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl: await url('one-inbox'), WaitTimeSeconds: 20, VisibilityTimeout: 0 },
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    expect(received.Messages).toMatchObject([{ Body: 'later', Attributes: { ApproximateReceiveCount: '1' } }]);
    await enable(true);
    expect(await take('out', 1)).toEqual(['later 2']);
  });

  test('stays as it was switched until the template says otherwise', async () => {
    const { cloud, mapping, enable, send, take } = await start(assembly());
    const state = async () => (await mapping())?.State;
    await enable(false);

    await cloud.deploy({ assemblyDirectory: assembly({ batchSize: 2 }) });
    expect(await mapping()).toMatchObject({ State: 'Disabled', BatchSize: 2 });
    await cloud.deploy({ assemblyDirectory: assembly({ enabled: false }) });
    expect(await state()).toBe('Disabled');
    await enable(true);
    await cloud.deploy({ assemblyDirectory: assembly({ enabled: false, batchSize: 2 }) });
    expect(await state()).toBe('Enabled');
    await cloud.deploy({ assemblyDirectory: assembly({ enabled: true }) });
    await send('handled');
    expect(await take('out', 1)).toEqual(['handled 1']);
    await cloud.deploy({ assemblyDirectory: assembly({ enabled: false }) });
    await until('the template has disabled it', async () => (await state()) === 'Disabled');
  });

  test('starts disabled where the template says so, and can be invoked and enabled', async () => {
    const { mapping, enable, send, take, invoke } = await start(assembly({ enabled: false }));
    await send('waits');

    expect((await mapping())?.State).toBe('Disabled');
    expect((await invoke({ event: 'direct' })).payload.event).toBe('direct');
    await enable(true);
    expect(await take('out', 1)).toEqual(['waits 1']);
  });

  test('stays switched over a restart on the same data', async () => {
    const data = mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
    const first = await start(assembly(), data);
    await first.enable(false);
    await first.send('kept');
    await first.cloud.stop();

    const second = await start(assembly(), data);
    expect((await second.mapping())?.State).toBe('Disabled');
    await second.enable(true);
    expect(await second.take('out', 1)).toEqual(['kept 1']);
    await second.cloud.stop();

    writeFileSync(join(data, 'mappings.json'), '{');
    await expect(checkDataDirectory(data)).rejects.toThrow(DataDirectoryDamagedError);
  });

  test('refuses other changes, and UUIDs that are not there', async () => {
    const { lambda, mapping } = await start();
    const { UUID } = (await mapping()) ?? {};
    const update = (input: object) => lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
    const missing = { name: 'ResourceNotFoundException', message: 'The resource you requested does not exist.' };

    await expect(update({ BatchSize: 3 })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The embedded cloud changes only Enabled, not BatchSize: deploy a template with it',
    });
    await expect(update({ FunctionName: 'two', Enabled: false })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(update({ UUID: 'nothing', Enabled: false })).rejects.toMatchObject({ ...missing, $metadata: { httpStatusCode: 404 } });
    await expect(lambda.send(new GetEventSourceMappingCommand({ UUID: 'nothing' }))).rejects.toMatchObject(missing);
    expect(await update({ FunctionName: 'one' })).toMatchObject({ UUID, State: 'Enabled' });
    expect((await mapping())?.BatchSize).toBe(1);
  });
});
