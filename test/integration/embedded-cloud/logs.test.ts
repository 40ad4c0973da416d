import { expect, test } from 'vitest';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { until } from '../../helpers/until.ts';
import { startFixture } from './running-fixture.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const time = expect.stringMatching(TIME);

/** The handler ends with the line that a test waits for, so that the test misses no line. */
async function linesUntil(logs: readonly LogLine[], last: string): Promise<readonly string[]> {
  await until(`the line ${last}`, () => logs.some(({ text }) => text.includes(last)));
  return logs.map(({ text }) => text);
}

const HANDLER = `
console.log('loading');
class RefusedError extends Error {}
export const handler = async (event, context) => {
  console.debug('too much detail');
  console.info({ orderId: 7 });
  console.warn('%s of %d', 'two', 3, new RefusedError('no'));
  console.error(new RefusedError('alone'));
  process.stdout.write(JSON.stringify({ own: process.env.AWS_LAMBDA_LOG_LEVEL, group: context.logGroupName }) + '\\n');
  console.error('last');
};`;

test('in JSON, console writes the lines of Lambda’s runtime, from the level of the template on', async () => {
  const { send, logs, invocations } = await startFixture({ handler: HANDLER, jsonLogLevel: 'INFO' });

  await send({});
  const lines = (await linesUntil(logs, '"last"')).map((text) => JSON.parse(text));
  await until('the invocation has ended', () => invocations.length === 1);

  const requestId = invocations[0]?.requestId;
  const stackTrace = expect.arrayContaining([expect.stringContaining('at ')]);
  expect(lines).toEqual([
    { timestamp: time, level: 'INFO', message: 'loading' },
    { timestamp: time, level: 'INFO', requestId, message: { orderId: 7 } },
    {
      timestamp: time,
      level: 'WARN',
      requestId,
      message: expect.stringMatching(/^two of 3 RefusedError: no/),
      errorType: 'RefusedError',
      errorMessage: 'no',
      stackTrace,
    },
    { timestamp: time, level: 'ERROR', requestId, message: { errorType: 'RefusedError', errorMessage: 'alone', stackTrace } },
    { own: 'INFO', group: '/aws/lambda/worker' },
    { timestamp: time, level: 'ERROR', requestId, message: 'last' },
  ]);
});

test('in text, console writes time, request and level before each message, whatever its level', async () => {
  const { send, logs, invocations } = await startFixture({ handler: HANDLER });

  await send({});
  const lines = await linesUntil(logs, 'last');
  await until('the invocation has ended', () => invocations.length === 1);

  const fields = lines.filter((line) => /^\d{4}-/.test(line)).map((line) => line.split('\t'));
  expect(fields.every(([written = '']) => TIME.test(written))).toBe(true);
  const requestId = invocations[0]?.requestId;
  expect(fields.map(([, ...rest]) => rest)).toEqual([
    ['undefined', 'INFO', 'loading'],
    [requestId, 'DEBUG', 'too much detail'],
    [requestId, 'INFO', '{ orderId: 7 }'],
    [requestId, 'WARN', expect.stringMatching(/^two of 3 RefusedError: no/)],
    [requestId, 'ERROR', 'RefusedError: alone'],
    [requestId, 'ERROR', 'last'],
  ]);
  expect(lines).toContain('{"group":"/aws/lambda/worker"}');
});

const metrics = { durationMs: expect.any(Number), billedDurationMs: expect.any(Number), memorySizeMB: 256 };

test.each([
  [
    'throws',
    `export const handler = async () => { throw new TypeError('not today'); };`,
    [
      {
        timestamp: time,
        level: 'ERROR',
        requestId: 'R',
        message: { errorType: 'TypeError', errorMessage: 'not today', stackTrace: expect.arrayContaining(['TypeError: not today']) },
      },
    ],
  ],
  [
    'times out',
    `export const handler = async () => { for (;;); };`,
    [{ time, type: 'platform.report', record: { requestId: 'R', status: 'timeout', metrics } }],
  ],
  [
    'exits',
    `export const handler = async () => process.exit(3);`,
    [
      { timestamp: time, level: 'ERROR', requestId: 'R', message: 'Runtime exited: exited with code 3' },
      { time, type: 'platform.report', record: { requestId: 'R', status: 'failure', errorType: 'Runtime.ExitError', metrics } },
    ],
  ],
  [
    'cannot be loaded',
    `throw new RangeError('no table');`,
    [
      {
        timestamp: time,
        level: 'ERROR',
        message: { errorType: 'RangeError', errorMessage: 'no table', stackTrace: expect.arrayContaining(['RangeError: no table']) },
      },
      {
        time,
        type: 'platform.initReport',
        record: {
          initializationType: 'on-demand',
          phase: 'init',
          status: 'error',
          errorType: 'RangeError',
          metrics: { durationMs: expect.any(Number) },
        },
      },
    ],
  ],
])('in JSON, the platform’s lines on a function that %s are JSON', async (end, handler, expected) => {
  const timeoutSeconds = end === 'times out' ? 1 : 30;
  const { send, logs, invocations } = await startFixture({ handler, jsonLogLevel: 'INFO', timeoutSeconds });

  await send({});
  await until('the invocation has ended', () => invocations.length === 1);

  const requestId = invocations[0]?.requestId ?? '';
  const lines = logs.map(({ stream, text }) => ({ stream, line: JSON.parse(text.replaceAll(requestId, 'R')) }));
  expect(lines).toEqual(expected.map((line) => ({ stream: 'platform', line })));
});

test('gives each invocation a trace of its own, as Lambda does without active tracing', async () => {
  const handler = `export const handler = async () => { process.stdout.write(process.env._X_AMZN_TRACE_ID + '\\n'); };`;
  const { send, logs } = await startFixture({ handler, eventSource: { batchSize: 1 } });

  await send({}, {});
  await until('both invocations have told', () => logs.length === 2);

  expect(logs.map(({ text }) => text)).toEqual(
    Array(2).fill(expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/)),
  );
  expect(new Set(logs.map(({ text }) => text)).size).toBe(2);
});

test('a line that a function writes arrives as one, whatever characters are in it', async () => {
  const odd = 'a\u2028b\u2029c\u0085d\u009be\u202ef';
  const handler = `export const handler = async ({ Records: [{ body }] }) => {
    const { id } = JSON.parse(body);
    console.log('id ' + id);
    process.stdout.write('own ' + id + '\\n');
    console.log('last');
  };`;
  const { send, logs } = await startFixture({ handler });

  await send({ id: odd });
  const lines = await linesUntil(logs, 'last');

  expect(lines.map((line) => line.split('\t').at(-1))).toEqual([`id ${odd}`, `own ${odd}`, 'last']);
});
