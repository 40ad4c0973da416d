import { existsSync } from 'node:fs';
import { CreateQueueCommand, DeleteQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { Duration } from 'aws-cdk-lib';
import { describe, test } from 'vitest';
import { until } from '../../helpers/until.ts';
import { openFixture } from './running-fixture.ts';

describe.concurrent('an event source mapping', () => {
  test('invokes the function with the event, context and environment that Lambda gives', async ({ expect }) => {
    await using fixture = await openFixture();
    const { cloud, sqs, url, told, depth, invocations } = fixture;
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl: await url('inbox'),
        MessageBody: '{"x":1}',
        MessageAttributes: {
          authorization: { DataType: 'String', StringValue: 'Bearer t' },
          raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
        },
      }),
    );

    const [first] = await told(2);

    expect(first?.event).toEqual({
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: '{"x":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            authorization: { stringValue: 'Bearer t', stringListValues: [], binaryListValues: [], dataType: 'String' },
            raw: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          md5OfBody: sent.MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:inbox',
          awsRegion: 'us-east-1',
        },
      ],
    });
    expect(first).toMatchObject({ arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker', requestId: expect.any(String) });
    expect(first?.remaining).toBeGreaterThan(20_000);
    expect(first?.remaining).toBeLessThanOrEqual(30_000);
    await until('the message is deleted', async () => (await depth('inbox')) === 0);
    await until('the invocation is reported', () => invocations.length === 1);
    expect(invocations[0]).toMatchObject({ functionName: 'worker', outcome: 'succeeded', isColdStart: true, messageIds: [sent.MessageId] });
    expect(cloud.workers()).toEqual([{ functionName: 'worker', id: expect.stringMatching(/^thread-/), pid: process.pid, isBusy: false }]);
  });

  test('brings back only the messages that the response reports, and moves one to the dead-letter queue after its last receive', async ({
    expect,
  }) => {
    await using fixture = await openFixture({ maxReceiveCount: 2 });
    const { send, told, comeBack, take, depth, invocations } = fixture;

    await send({ name: 'good' }, { name: 'second time', failUntilReceive: 2 }, { name: 'poison', failUntilReceive: 99 });
    const attempts = () => invocations.flatMap(({ messageIds }) => messageIds).length;
    const [first] = await told(2);
    await until('the three were handled', () => attempts() === 3);
    await comeBack(first, invocations[0]?.failedMessageIds);
    await until('two were handled again, together or each alone', () => attempts() === 5);
    const poison = invocations.slice(1).flatMap(({ failedMessageIds }) => failedMessageIds);
    for (const given of await told(2 * (invocations.length - 1))) await comeBack(given, poison);

    expect((await take('dead', 1)).map((body) => JSON.parse(body))).toEqual([{ name: 'poison', failUntilReceive: 99 }]);
    await until('the inbox is empty', async () => (await depth('inbox')) === 0);
    const handled = new Map<string, number>();
    for (const id of invocations.flatMap(({ messageIds }) => messageIds)) handled.set(id, (handled.get(id) ?? 0) + 1);
    expect([...handled.values()].sort()).toEqual([1, 2, 2]);
  });

  test.for([
    ['names a message outside the batch', { batchItemFailures: [{ itemIdentifier: 'unknown' }] }],
    ['has an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['is no object', 'done'],
  ])('fails the whole batch if the response %s', async ([_what, response], { expect }) => {
    await using fixture = await openFixture({ maxReceiveCount: 1 });
    const { send, told, comeBack, take, invocations } = fixture;

    await send({ response }, { name: 'neighbour' });
    const [given] = await told(2);
    await until('the invocation has ended', () => invocations.length === 1);
    await comeBack(given);

    expect(await take('dead', 2)).toHaveLength(2);
  });

  test('deletes the whole batch of a function that does not report failures', async ({ expect }) => {
    await using fixture = await openFixture({ eventSource: { reportBatchItemFailures: false } });
    const { send, depth, invocations } = fixture;

    await send({ failUntilReceive: 99 });

    await until('the invocation has ended', () => invocations.length === 1);
    expect(await depth('inbox')).toBe(0);
  });

  test('leaves the batch to its visibility timeout if the function throws, and keeps the worker', async ({ expect }) => {
    await using fixture = await openFixture({ visibilitySeconds: 10, timeoutSeconds: 10 });
    const { send, told, logs, invocations } = fixture;

    await send({ throws: 'not today' });

    const [first, second] = await told(2);
    expect(second?.instance).toBe(first?.instance);
    const receivedAt = Number(first?.event?.Records[0]?.attributes.ApproximateFirstReceiveTimestamp);
    expect((second?.startedAt ?? 0) - receivedAt).toBeGreaterThan(9_900);
    await until('both attempts have ended', () => invocations.length === 2);
    expect(invocations.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(invocations[0]?.error).toBe('TypeError: not today');
    expect(logs.map(({ text }) => text).join('\n')).toMatch(/ERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"not today"/);
  });

  test.for(['thread', 'process'] as const)(
    'ends a %s that is over its timeout, and gives the batch to a fresh one',
    async (isolation, { expect }) => {
      await using fixture = await openFixture({ timeoutSeconds: 3 }, { isolation });
      const { send, told, comeBack, logs, invocations, cloud } = fixture;

      await send({ spinUntilReceive: 2 });
      const [first] = await told(1);
      await until('the first attempt has ended', () => invocations.length === 1);
      expect(cloud.workers()).toEqual([]);
      await comeBack(first);

      const [second] = await told(2);
      expect(second?.instance).not.toBe(first?.instance);
      await until('both attempts have ended', () => invocations.length === 2);
      expect(invocations.map(({ outcome }) => outcome)).toEqual(['timed-out', 'succeeded']);
      expect(logs.filter(({ text }) => text.endsWith('Task timed out after 3.00 seconds'))).toHaveLength(1);
    },
  );

  test.for(['thread', 'process'] as const)(
    'survives a %s that exits, and gives the batch to a fresh one',
    async (isolation, { expect }) => {
      await using fixture = await openFixture({}, { isolation });
      const { send, told, comeBack, logs, invocations } = fixture;

      await send({ exit: 3 });
      const [first] = await told(1);
      await until('the first attempt has ended', () => invocations.length === 1);
      await comeBack(first);

      const [second] = await told(1);
      expect(second?.instance).not.toBe(first?.instance);
      await until('both attempts have ended', () => invocations.length === 2);
      expect(invocations.map(({ outcome }) => outcome)).toEqual(['crashed', 'crashed']);
      expect(logs.some(({ text }) => text.endsWith('Runtime exited: exited with code 3'))).toBe(true);
    },
  );

  test('ends a worker that needs more memory than the function has', async ({ expect }) => {
    await using fixture = await openFixture({ timeoutSeconds: 60 });
    const { send, invocations } = fixture;

    await send({ hoards: true });

    await until('the worker is ended', () => invocations.length === 1);
    expect(invocations).toMatchObject([{ outcome: 'crashed', error: expect.stringContaining('memory limit') }]);
  });

  test.for(['thread', 'process'] as const)(
    'tells why a %s died between two invocations, and starts a fresh one',
    async (isolation, { expect }) => {
      const handler = `
      let work = () => setImmediate(() => Promise.reject(new TypeError('left running')));
      export const handler = async () => { setTimeout(work, 10); };`;
      await using fixture = await openFixture({ handler }, { isolation });
      const { send, logs, invocations, cloud } = fixture;

      await send({});
      await until('the worker is dead', () => invocations.length === 1 && cloud.workers().length === 0);
      await send({});

      await until('a fresh one is used', () => invocations.length === 2);
      expect(invocations).toMatchObject([
        { outcome: 'succeeded', isColdStart: true },
        { outcome: 'succeeded', isColdStart: true },
      ]);
      const [death] = logs.filter(({ stream }) => stream === 'platform');
      expect(death).not.toHaveProperty('requestId');
      expect(death?.text).toMatch(/^\d{4}-.*Z Error: Runtime exited between invocations: /);
      await until('its error is there', () => logs.some(({ text }) => text.includes('TypeError: left running')));
    },
  );

  test('gives each worker a temporary directory of its own, and removes it with the worker', async ({ expect }) => {
    const handler = `
      import { writeFileSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { setTimeout } from 'node:timers/promises';
      writeFileSync(tmpdir() + '/state', 'x', { flag: 'wx' });
      export const handler = async () => { process.stdout.write(tmpdir() + '\\n'); await setTimeout(500); };`;
    await using fixture = await openFixture({ handler, eventSource: { batchSize: 1, maxConcurrency: 2 } });
    const { cloud, send, logs, invocations } = fixture;

    await send({}, {});
    await until('both invocations have ended', () => invocations.length === 2);
    await until('both lines are there', () => logs.length === 2);

    const directories = logs.map(({ text }) => text);
    expect(new Set(directories).size).toBe(2);
    expect(directories.map((directory) => existsSync(directory))).toEqual([true, true]);
    await cloud.stop();
    expect(directories.map((directory) => existsSync(directory))).toEqual([false, false]);
  });

  test('fails an invocation whose response is over 6 MB', async ({ expect }) => {
    const handler = `export const handler = async () => 'x'.repeat(6_291_555);`;
    await using fixture = await openFixture({ handler });
    const { send, invocations } = fixture;

    await send({});
    await until('the invocation has ended', () => invocations.length === 1);

    expect(invocations).toMatchObject([
      {
        outcome: 'failed',
        error:
          'Function.ResponseSizeTooLarge: Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).',
      },
    ]);
  });

  test('goes on when its queue was deleted and created again', async ({ expect }) => {
    await using fixture = await openFixture();
    const { sqs, url, send, told, logs } = fixture;
    await sqs.send(new DeleteQueueCommand({ QueueUrl: await url('inbox') }));
    await until('the loss is logged', () => logs.some(({ text }) => text.includes('The embedded cloud failed')));

    await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    await send({ name: 'after' });

    expect(await told(2)).toHaveLength(2);
  });

  test('gives the batch of a killed process to a fresh one', async ({ expect }) => {
    await using fixture = await openFixture({}, { isolation: 'process' });
    const { send, told, comeBack, depth, cloud, invocations } = fixture;
    await send({ spinUntilReceive: 2 });
    const [first] = await told(1);

    const [busy] = cloud.workers().filter(({ isBusy }) => isBusy);
    process.kill(busy?.pid ?? Number.NaN, 'SIGKILL');
    await until('the worker is dead', () => invocations.length === 1);
    await comeBack(first);

    const [second] = await told(2);
    expect(second?.instance).not.toBe(first?.instance);
    await until('the message is deleted', async () => (await depth('inbox')) === 0);
    expect(invocations.map(({ outcome, error }) => ({ outcome, error }))).toEqual([
      { outcome: 'crashed', error: 'was killed by SIGKILL' },
      { outcome: 'succeeded', error: undefined },
    ]);
  });

  test('never runs more invocations at once than its maximum concurrency, and uses that', async ({ expect }) => {
    await using fixture = await openFixture({ eventSource: { batchSize: 1, maxConcurrency: 2 } });
    const { send, invocations, cloud } = fixture;
    let mostBusy = 0;

    await send(...Array.from({ length: 12 }, () => ({ sleepMs: 150 })));
    await until('all are handled', () => {
      mostBusy = Math.max(mostBusy, cloud.workers().filter(({ isBusy }) => isBusy).length);
      return invocations.length === 12;
    });

    expect(mostBusy).toBe(2);
    expect(cloud.workers()).toHaveLength(2);
  });

  test('collects a batch during its window', async ({ expect }) => {
    await using fixture = await openFixture({ eventSource: { maxBatchingWindow: Duration.seconds(10) } });
    const { send, told } = fixture;

    for (let index = 0; index < 3; index++) await send({ index });

    const [first] = await told(2);
    expect(first?.event?.Records.map(({ body }) => JSON.parse(body))).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
  });

  test('on demand, gives messages again and in another order, as SQS may', async ({ expect }) => {
    const disorder = { duplicates: 0.5, seed: 1 };
    await using fixture = await openFixture({ maxReceiveCount: 100 }, { disorder });
    const { send, told, depth, invocations } = fixture;

    await send(...Array.from({ length: 40 }, (_, index) => ({ index })));
    await until('all are deleted', async () => (await depth('inbox')) === 0);

    const batches = (await told(2 * invocations.length)).flatMap(({ event }) => (event === undefined ? [] : [event.Records]));
    const indexes = batches.map((records) => records.map(({ body }): number => JSON.parse(body).index));
    expect(indexes.some((batch) => batch.some((index, position) => index < (batch[position - 1] ?? 0)))).toBe(true);
    const deliveries = invocations.flatMap(({ messageIds }) => messageIds);
    expect(new Set(deliveries).size).toBe(40);
    expect(deliveries.length).toBeGreaterThan(50);
    expect(invocations.flatMap(({ failedMessageIds }) => failedMessageIds)).toEqual([]);
  });

  test('does not wait out the window once the batch is full', async ({ expect }) => {
    await using fixture = await openFixture({ eventSource: { batchSize: 2, maxBatchingWindow: Duration.seconds(300) } });
    const { send, invocations } = fixture;

    await send({}, {});

    await until('the batch is handled', () => invocations.length === 1);
    expect(invocations[0]?.messageIds).toHaveLength(2);
  });
});
