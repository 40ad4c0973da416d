import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { failedMessageText } from '../../../cli/commands/failed/failed-message-text.ts';
import { readFailedMessage } from '../../../client/failed/failed-message.ts';

const NOW = { nowMs: Date.parse('2026-01-02T04:05:00Z'), columns: 80 };

const envelope = (attributes: object) =>
  JSON.stringify({ specversion: '1.0', id: 'order-1', source: '/shop', type: 'order.placed', time: '2026-01-02T03:04:05Z', ...attributes });

const failure = {
  'posthorn-outcome': 'dead-lettered',
  'posthorn-code': 'Http503',
  'posthorn-reason': 'the payment service answers 503: upstream connect error or disconnect before headers',
  'posthorn-agent': 'order-processing',
  'posthorn-generation': '0',
  'posthorn-attempts': '4',
  'posthorn-failedat': '2026-01-02T03:05:00.000Z',
};

const message = (body: string, attributes: Readonly<Record<string, string>> = failure) =>
  readFailedMessage({
    MessageId: 'sqs-1',
    Body: body,
    Attributes: { SentTimestamp: String(Date.parse('2026-01-02T03:04:06Z')), ApproximateReceiveCount: '11' },
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  });

const shown = (body: string, attributes?: Readonly<Record<string, string>>) =>
  stripVTControlCharacters(failedMessageText(message(body, attributes), undefined, NOW));

test('the data first, then one line of why, which fits 80 columns', () => {
  const text = shown(envelope({ data: { total: 7 } }));

  expect(text).toMatch(
    /^order-1 {2}order.placed {2}from \/shop\n {2}\{\n {4}"total": 7\n {2}\}\n {2}Http503: the payment service answers 503: upstream .*… \(4 attempts, 1h ago\)\n$/,
  );
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(80);
});

test('long data is folded to a screen, and says how much more there is', () => {
  const items = Array.from({ length: 100 }, (_, nth) => nth);

  const lines = shown(envelope({ data: { items } })).split('\n');

  expect(lines).toHaveLength(20);
  expect(lines[17]).toMatch(/^ {2}… \d+ more characters, --full shows all$/);
});

test('a body that is not an envelope is shown as it is', () => {
  expect(shown('not JSON')).toContain('(no envelope)\n  not JSON\n  Http503: ');
});

test('what SQS moved by itself says so', () => {
  expect(shown(envelope({ data: 1 }), {})).toContain(
    '\n  1\n  moved by SQS after 11 receives, 1h ago: its function crashed or timed out\n',
  );
});

test('data behind a claim check is named with its size', () => {
  const dataref = `s3://content/sha-256/${'0'.repeat(64)}`;

  expect(shown(envelope({ dataref, datadigest: `sha-256:${'0'.repeat(64)}`, datasize: 5_242_880 }))).toContain(
    `\n  in the content bucket: ${dataref} (5,242,880 bytes)\n`,
  );
});

test('with --full the whole body and all that is recorded', () => {
  const body = envelope({ data: { total: 7 } });

  const text = stripVTControlCharacters(failedMessageText(message(body), body, NOW));

  expect(text).toContain('    "specversion": "1.0",\n');
  expect(text).toContain(
    `  reason    ${failure['posthorn-reason']}\n  attempts  4 in generation 0\n  failed at 2026-01-02T03:05:00.000Z (1h ago)\n`,
  );
  expect(text).toContain('  message   sqs-1\n');
});
