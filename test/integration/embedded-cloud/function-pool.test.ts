import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FunctionPool } from '../../../local/lambda/function-pool.ts';
import { until } from '../../helpers/until.ts';

function startPool(source: string): FunctionPool {
  const codeDirectory = mkdtempSync(join(tmpdir(), 'function-pool-'));
  writeFileSync(join(codeDirectory, 'index.mjs'), source);
  const pool = new FunctionPool(
    {
      ...{
        name: 'worker',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
        roleArn: 'arn:aws:iam::000000000000:role/worker',
        codeDirectory,
        codeKey: 'k',
        handler: 'index.handler',
      },
      ...{ timeoutSeconds: 60, memoryMegabytes: 128, environment: {}, logging: { format: 'Text', level: 'INFO', group: 'g' } },
    },
    {
      place: { endpoint: 'http://127.0.0.1:1', region: 'us-east-1', accountId: '000000000000' },
      credentials: { accessKeyId: 'k', secretAccessKey: 's', sessionToken: 't' },
      isolation: 'thread',
      log: () => undefined,
    },
  );
  onTestFinished(() => pool.end());
  return pool;
}

test('idle workers end, the last one stays warm, and takes the next invocation', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const pool = startPool('export const handler = async (event) => event;');
  const answers = await Promise.all(['1', '2', '3', '4', '5', '6'].map((event) => pool.invoke(event, `request-${event}`)));
  expect(answers.map(({ result }) => result)).toEqual(['1', '2', '3', '4', '5', '6'].map((response) => ({ kind: 'succeeded', response })));

  vi.advanceTimersByTime(15_000);
  expect(pool.statuses()).toHaveLength(1);
  expect(await pool.invoke('7', 'request-7')).toEqual({ result: { kind: 'succeeded', response: '7' }, isColdStart: false });

  vi.advanceTimersByTime(305_000);
  expect(pool.statuses()).toEqual([]);
  expect(await pool.invoke('8', 'request-8')).toEqual({ result: { kind: 'succeeded', response: '8' }, isColdStart: true });
});

test('a burst does not start a worker for each of its invocations, and every one is answered', async () => {
  const pool = startPool('export const handler = async (event) => event;');

  const invocations = Array.from({ length: 20 }, (_, index) => pool.invoke(String(index), `request-${index}`));
  expect(pool.statuses()).toHaveLength(1);
  const answers = await Promise.all(invocations);

  expect(answers.map(({ result }) => 'response' in result && result.response)).toEqual(answers.map((_, index) => String(index)));
});

test('invocations that wait for a worker again and again get another, although none of them waits for long', async () => {
  const pool = startPool('export const handler = (event) => new Promise((resolve) => setTimeout(resolve, 20));');
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const oneAfterTheOther = async () => {
    while (!isOver) await pool.invoke('{}', crypto.randomUUID());
  };

  void Promise.all([oneAfterTheOther(), oneAfterTheOther()]);
  await until('two workers run', () => pool.statuses().length === 2);
});

test('every invocation has a worker of its own while the others run', async () => {
  const pool = startPool(`const shared = new BroadcastChannel('function-pool');
    export const handler = async () => new Promise((resolve) => { shared.onmessage = ({ data }) => resolve(data); });`);

  const invocations = ['a', 'b', 'c', 'd'].map((id) => pool.invoke('{}', id));
  await until('all run', () => pool.statuses().filter(({ isBusy }) => isBusy).length === 4);
  const release = new BroadcastChannel('function-pool');
  onTestFinished(() => release.close());
  const released = Promise.all(invocations);
  // A worker that still loads does not hear the first one.
  const timer = setInterval(() => release.postMessage('go'), 20);
  onTestFinished(() => clearInterval(timer));

  expect((await released).map(({ result }) => result)).toEqual(Array(4).fill({ kind: 'succeeded', response: '"go"' }));
});

test('a pool that is ended answers those who wait', async () => {
  const pool = startPool('await new Promise(() => setInterval(() => {}, 1_000));');
  const invocations = Array.from({ length: availableParallelism() + 2 }, (_, index) => pool.invoke('{}', `request-${index}`));

  await pool.end();

  expect((await Promise.all(invocations)).map(({ result }) => result)).toEqual(
    invocations.map(() => ({ kind: 'crashed', error: 'was ended' })),
  );
});
