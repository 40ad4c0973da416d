import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { posthorn } from './world.ts';

const batchSchema = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });
type Entry = z.output<typeof batchSchema>['Entries'][number];

/** An SQS whose SendMessageBatch is the test's own; it knows the queue of every agent. */
async function startSqs(onBatch: (entries: readonly Entry[], response: ServerResponse) => void) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await json(request);
    if (request.headers['x-amz-target'] === 'AmazonSQS.SendMessageBatch') return onBatch(batchSchema.parse(body).Entries, response);
    response.end(JSON.stringify({ QueueUrl: 'http://127.0.0.1/000000000000/inbox' }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-cli-'));
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    failedFile: join(folder, 'failed.ndjson'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true });
    },
  };
}

const accepted = ({ Id, MessageBody }: Entry) => ({
  Id,
  MessageId: Id,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});
const failed = ({ Id }: Entry, Code: string, SenderFault: boolean) => ({ Id, Code, SenderFault, Message: 'of the test' });
const lines = (count: number) => Array.from({ length: count }, (_, index) => JSON.stringify({ index })).join('\n');
const indexOf = (body: string): unknown => JSON.parse(body).data.index;

test('what SQS does not take for reasons of its own is sent again, the rest of the request is not', async () => {
  const sent: unknown[] = [];
  const tried = new Set<string>();
  await using sqs = await startSqs((entries, response) => {
    const again = entries.filter(({ MessageBody }) => Number(indexOf(MessageBody)) % 2 === 0 && !tried.has(MessageBody));
    for (const { MessageBody } of again) tried.add(MessageBody);
    const taken = entries.filter((entry) => !again.includes(entry));
    sent.push(...taken.map(({ MessageBody }) => indexOf(MessageBody)));
    response.end(JSON.stringify({ Successful: taken.map(accepted), Failed: again.map((entry) => failed(entry, 'InternalError', false)) }));
  });

  const { code, stdout } = await posthorn(['send', '-', '--agent', 'any', '--rate', 'max', '--json', '--endpoint-url', sqs.url], {
    stdin: lines(25),
  });

  expect(JSON.parse(stdout)).toMatchObject({ sent: 25, failed: 0 });
  expect(code).toBe(0);
  expect(sent.map(Number).sort((one, other) => one - other)).toEqual(Array.from({ length: 25 }, (_, index) => index));
});

test('what SQS refuses is kept, with the id that it was given', async () => {
  await using sqs = await startSqs((entries, response) => {
    const isBad = ({ MessageBody }: Entry) => indexOf(MessageBody) === 7;
    const Failed = entries.filter(isBad).map((entry) => failed(entry, 'InvalidMessageContents', true));
    response.end(JSON.stringify({ Successful: entries.filter((entry) => !isBad(entry)).map(accepted), Failed }));
  });

  const args = ['send', '-', '--agent', 'any', '--rate', 'max', '--failed', sqs.failedFile, '--endpoint-url', sqs.url];
  const { code, stdout, stderr } = await posthorn(args, { stdin: lines(12) });

  expect(stderr).toBe('line 8: was not accepted by SQS: InvalidMessageContents: of the test\n');
  expect(stdout).toBe(`11 events sent to any; 1 failed, written to ${sqs.failedFile}\n`);
  expect(code).toBe(1);
  expect(JSON.parse(await readFile(sqs.failedFile, 'utf8'))).toMatchObject({ id: expect.any(String), data: { index: 7 } });
});

test('when the endpoint goes away, all that was not sent is kept', async () => {
  const sent: unknown[] = [];
  await using sqs = await startSqs((entries, response) => {
    if (sent.length >= 100) return void response.destroy();
    sent.push(...entries.map(({ MessageBody }) => indexOf(MessageBody)));
    response.end(JSON.stringify({ Successful: entries.map(accepted), Failed: [] }));
  });

  const args = ['send', '-', '--agent', 'any', '--rate', 'max', '--failed', sqs.failedFile, '--json', '--endpoint-url', sqs.url];
  const { code, stdout, stderr } = await posthorn(args, { stdin: lines(2_000) });

  const kept = (await readFile(sqs.failedFile, 'utf8')).trim().split('\n');
  const keptIndexes = kept.map((line) => JSON.parse(line)).map((value) => value.data?.index ?? value.index);
  expect(stderr).toContain(`stopped: cannot reach ${sqs.url}`);
  expect(stderr).toContain(`Then send ${sqs.failedFile}.`);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ sent: 100, failed: 1_900, stoppedBy: expect.stringContaining('cannot reach') });
  expect([...sent, ...keptIndexes].map(Number).sort((one, other) => one - other)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => index),
  );
});

const CONCURRENCY = 4;
const WITH_CONCURRENCY = ['--agent', 'any', '--rate', 'max', '--concurrency', String(CONCURRENCY)];

/** An SQS that takes a hundred messages and leaves the requests after them without an answer; when all wait for one, it interrupts. */
async function startStallingSqs() {
  const sent: number[] = [];
  const stalled = Promise.withResolvers<NodeJS.Signals>();
  let waiting = 0;
  const sqs = await startSqs((entries, response) => {
    if (sent.length >= 100) return ++waiting === CONCURRENCY ? stalled.resolve('SIGINT') : undefined;
    sent.push(...entries.map(({ MessageBody }) => Number(indexOf(MessageBody))));
    response.end(JSON.stringify({ Successful: entries.map(accepted), Failed: [] }));
  });
  return { ...sqs, sent, interruption: stalled.promise };
}

test('interrupted, it keeps all that was not sent, and what was under way with the ids that it was given', async () => {
  await using sqs = await startStallingSqs();

  const args = ['send', '-', ...WITH_CONCURRENCY, '--failed', sqs.failedFile, '--json', '--endpoint-url', sqs.url];
  const { code, stdout, stderr } = await posthorn(args, { stdin: lines(2_000), interruption: sqs.interruption });

  const kept = (await readFile(sqs.failedFile, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(stderr).toMatch(new RegExp(`again ends it at once[^]*stopped: interrupted\nThen send ${sqs.failedFile}\\.`));
  expect(stderr).not.toMatch(/^line/m);
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ sent: 100, failed: 1_900, untried: 1_900, failures: [] });
  expect([...sqs.sent, ...kept.map((value) => value.data?.index ?? value.index)].sort((one, other) => one - other)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => index),
  );
  expect(kept.filter(({ id }) => typeof id === 'string').length).toBeGreaterThanOrEqual(10 * CONCURRENCY);
});

test('interrupted without --failed, it says up to where all was sent', async () => {
  await using sqs = await startStallingSqs();

  const args = ['send', '-', ...WITH_CONCURRENCY, '--endpoint-url', sqs.url];
  const { code, stderr } = await posthorn(args, { stdin: `not JSON\n${lines(2_000)}`, interruption: sqs.interruption });

  const contiguous = sqs.sent.toSorted((one, other) => one - other).findIndex((index, nth) => index !== nth);
  const lastLine = (contiguous === -1 ? sqs.sent.length : contiguous) + 1;
  expect(stderr).toMatch(/^line 1: is not JSON/);
  expect(stderr).toContain(`Up to line ${lastLine} all was sent or reported above`);
  expect(code).toBe(130);
});

test('no more requests are under way than --concurrency says, of ten messages each', async () => {
  let underWay = 0;
  let mostUnderWay = 0;
  let requests = 0;
  await using sqs = await startSqs((entries, response) => {
    requests++;
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    setImmediate(() => {
      underWay--;
      response.end(JSON.stringify({ Successful: entries.map(accepted), Failed: [] }));
    });
  });

  const args = ['send', '-', '--agent', 'any', '--rate', 'max', '--concurrency', '4', '--json', '--endpoint-url', sqs.url];
  const { code, stdout } = await posthorn(args, { stdin: lines(5_000) });

  expect(JSON.parse(stdout)).toMatchObject({ sent: 5_000, failed: 0 });
  expect(code).toBe(0);
  expect(requests).toBe(500);
  expect(mostUnderWay).toBeLessThanOrEqual(4);
});

test('an input that is larger than memory goes through', async () => {
  await using sqs = await startSqs((entries, response) => {
    response.end(JSON.stringify({ Successful: entries.map(accepted), Failed: [] }));
  });
  const line = Buffer.from(`${JSON.stringify({ text: 'x'.repeat(500_000) })}\n`);

  const args = ['send', '-', '--agent', 'any', '--rate', 'max', '--concurrency', '2', '--json', '--endpoint-url', sqs.url];
  const { code, stdout } = await posthorn(args, {
    stdin: Buffer.concat(Array<Buffer>(200).fill(line)),
    nodeOptions: ['--max-old-space-size=80'],
  });

  expect(JSON.parse(stdout)).toMatchObject({ sent: 200, failed: 0 });
  expect(code).toBe(0);
});
