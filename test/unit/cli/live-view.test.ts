import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { liveView } from '../../../cli/commands/dev/terminal/live-view.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { AUDIT_MESSAGE } from '../../../events/audit-line.ts';

const settings = resolveSettings({ endpointUrl: 'http://127.0.0.1:4566' }, {});
const AT = '2026-01-02T03:04:05.678Z';
const local = new Date(AT).toLocaleTimeString('en-GB');

const audit = (fields: object) => ({
  functionName: 'posthorn-dev-greeting',
  stream: 'stdout' as const,
  text: JSON.stringify({
    level: 'INFO',
    message: AUDIT_MESSAGE,
    timestamp: AT,
    agent: 'greeting',
    failedAttempts: 0,
    durationMs: 12,
    generation: 0,
    receiveCount: 1,
    senderId: 'AIDAPRODUCER',
    ...fields,
  }),
});
const platform = (line: object) => ({
  functionName: 'posthorn-dev-greeting',
  stream: 'platform' as const,
  text: JSON.stringify({ timestamp: AT, level: 'ERROR', ...line }),
});

function news(lines: readonly Parameters<ReturnType<typeof liveView>>[0][], options: { json?: true; columns?: number } = {}) {
  const tell = liveView({ ...settings, json: options.json ?? false }, options.columns ?? Number.POSITIVE_INFINITY);
  return lines.flatMap((line) => tell(line)).map(stripVTControlCharacters);
}

describe('the end of a delivery', () => {
  test('is one line when it was processed', () => {
    const lines = news([
      audit({ messageId: 'a-1', outcome: 'processed' }),
      audit({ agent: 'order-processing', messageId: 'b', outcome: 'processed', failedAttempts: 2, durationMs: 1_253 }),
      audit({ messageId: 'a-1', outcome: 'duplicate' }),
    ]);

    expect(lines).toEqual([
      `${local}  greeting  processed       a-1  12 ms`,
      `${local}  order-processing  processed       b  1,253 ms, 3 tries`,
      `${local}  greeting          duplicate       a-1  12 ms`,
    ]);
  });

  test('says why it failed, and once for each agent and queue where to look', () => {
    const failed = (outcome: string, fields: object = {}) =>
      audit({ messageId: 'a', failedAttempts: 1, outcome, code: 'TypeError', reason: 'no such person\nat all', ...fields });

    const lines = news([
      failed('retry', { delaySeconds: 2 }),
      failed('dead-lettered', { failedAttempts: 4 }),
      failed('dead-lettered', { failedAttempts: 4 }),
      failed('rejected', { messageId: undefined, sqsMessageId: 'of-sqs', code: 'InvalidEnvelope', reason: 'is not JSON' }),
    ]);

    expect(lines).toEqual([
      `${local}  greeting  retry in 2 s    a  12 ms`,
      '          TypeError: no such person',
      `${local}  greeting  dead-lettered   a  12 ms, 4 tries`,
      '          TypeError: no such person',
      '          npx posthorn dlq show greeting --endpoint-url http://127.0.0.1:4566',
      `${local}  greeting  dead-lettered   a  12 ms, 4 tries`,
      '          TypeError: no such person',
      `${local}  greeting  rejected        of-sqs  12 ms`,
      '          InvalidEnvelope: is not JSON',
      '          npx posthorn errors show greeting --endpoint-url http://127.0.0.1:4566',
    ]);
  });

  test('says why it comes again though nothing is known against it', () => {
    const lines = news([
      audit({ messageId: 'a', outcome: 'retry', delaySeconds: 1, error: { name: 'Interrupted', message: 'no time left' } }),
    ]);

    expect(lines).toEqual([`${local}  greeting  retry in 1 s    a  12 ms`, '          Interrupted: no time left']);
  });

  test('shows ids whole, reasons as the terminal is wide, and no character that steers the terminal', () => {
    const lines = news(
      [audit({ messageId: `\u2028\u001b[2J\n${'x'.repeat(99)}`, outcome: 'rejected', code: 'Bad', reason: 'y'.repeat(200) })],
      {
        columns: 80,
      },
    );

    expect(lines[0]).toContain(`[2J ${'x'.repeat(99)}  12 ms`);
    expect(lines[1]).toHaveLength(80);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(lines[0]).toContain('12 ms');
  });

  test('is NDJSON with --json', () => {
    const [line = ''] = news([audit({ messageId: 'a', outcome: 'rejected', code: 'Bad', reason: 'why\nnot', traceId: 't' })], {
      json: true,
    });

    expect(JSON.parse(line)).toEqual({
      ...{ time: AT, agent: 'greeting', messageId: 'a', outcome: 'rejected' },
      ...{ failedAttempts: 0, durationMs: 12, traceId: 't', code: 'Bad', reason: 'why\nnot' },
    });
  });
});

describe('a function that ended without reporting on its messages', () => {
  test.each([
    ['crashed', platform({ message: 'Runtime exited: exit code 3' }), 'Runtime exited: exit code 3'],
    [
      'not loaded',
      platform({ message: { errorType: 'ReferenceError', errorMessage: 'x is not defined' } }),
      'ReferenceError: x is not defined',
    ],
    [
      'out of time',
      platform({ timestamp: undefined, time: AT, type: 'platform.report', record: { status: 'timeout', metrics: { durationMs: 30_001 } } }),
      'ran out of time after 30 s',
    ],
  ])('%s', (_what, line, reason) => {
    expect(news([line])).toEqual([`${local}  greeting  failed          ${reason}`]);
  });
});

test('nothing else that a function writes is news', () => {
  const lines = news([
    { functionName: 'f', stream: 'stdout', text: 'plain' },
    { functionName: 'f', stream: 'stdout', text: '{"level":"INFO","message":"message","agent":7}' },
    audit({ message: 'greeting' }),
    platform({ message: undefined, type: 'platform.report', record: { status: 'failure' } }),
  ]);

  expect(lines).toEqual([]);
});
