import { describe, expect, test } from 'vitest';
import { waitingInboxes } from '../../../cli/commands/stuck/waiting-inboxes.ts';
import { waitsTooLong } from '../../../cli/commands/stuck/waits-too-long.ts';
import { inboxText } from '../../../cli/inbox-text.ts';
import { Inboxes } from '../../../cli/inboxes.ts';
import type { InboxState } from '../../../client/index.ts';

const NOW = 10_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const inbox = (changes: Partial<InboxState> = {}): InboxState => ({
  ...{ agent: 'fraud-check', visible: 60, inFlight: 20, delayed: 0, isPaused: false },
  ...{ waitingSince: NOW - 4 * MINUTE, receivedSince: 40 },
  ...changes,
});

describe('an inbox whose messages wait', () => {
  test.each([
    ['something is in flight, and the oldest waits too long', {}, 4 * MINUTE, true],
    ['something is in flight, and the oldest waits', {}, 5 * MINUTE, false],
    ['a message was just sent to an idle agent', { visible: 1, inFlight: 0, waitingSince: undefined }, HOUR, false],
    ['a message was just sent, and every one is of interest', { visible: 1, inFlight: 0, waitingSince: undefined }, 0, true],
    ['nothing waits', { visible: 0, waitingSince: undefined }, 0, false],
    ['the agent is paused', { isPaused: true, waitingSince: NOW }, HOUR, true],
    ['a paused agent has none', { isPaused: true, visible: 0, waitingSince: undefined }, 0, false],
    ['nothing shows how long', { waitingSince: undefined, snapshotsProblem: 'no table' }, HOUR, true],
  ])('%s', (_what, changes, olderThanMs, expected) => {
    expect(waitsTooLong(inbox(changes), olderThanMs, NOW)).toBe(expected);
  });
});

const wide = { nowMs: NOW, columns: undefined, flags: '' };

test('each inbox is a line, with how long its oldest message waits, and then what helps', () => {
  const stopped = inbox({ agent: 'sum', visible: 1, inFlight: 0, receivedSince: 0 });
  const paused = inbox({ agent: 'billing', isPaused: true, visible: 3, inFlight: 0, receivedSince: 0 });

  expect(waitingInboxes([inbox(), stopped, paused], { ...wide, flags: '--stage prod' }).split('\n')).toEqual([
    'fraud-check: about 60 messages wait in its inbox, the oldest for at least 4m, 20 in flight',
    'sum: about 1 message waits in its inbox, the oldest for at least 4m, and none was received in that time, 0 in flight',
    'billing is paused, and about 3 messages wait in its inbox, the oldest for at least 4m, and none was received in that time',
    '  npx posthorn resume billing --stage prod',
    '  npx posthorn top --once --stage prod',
  ]);
  expect(waitingInboxes([paused], wide).split('\n')).toHaveLength(2);
  expect(waitingInboxes([inbox()], { ...wide, columns: 80 }).split('\n')).toEqual([
    'fraud-check: about 60 messages wait in its inbox, the oldest for at least 4m, 20',
    '    in flight',
    '  npx posthorn top --once',
  ]);
});

test('why their age is not known is one line for all', () => {
  const unknown = { waitingSince: undefined, receivedSince: undefined, snapshotsProblem: "AWS denies dynamodb:Query on the table 't'" };

  expect(waitingInboxes([inbox(unknown), inbox({ ...unknown, agent: 'sum' })], wide).split('\n')).toEqual([
    'fraud-check: about 60 messages wait in its inbox, 20 in flight',
    'sum: about 60 messages wait in its inbox, 20 in flight',
    "How long such messages wait is not known: AWS denies dynamodb:Query on the table 't'.",
    '  npx posthorn top --once',
  ]);
  expect(inboxText(inbox(unknown), NOW)).toBe(
    "about 60 waiting, 20 in flight; how long they wait is not known: AWS denies dynamodb:Query on the table 't'",
  );
});

test('an inbox that cannot be read is a line, and the others are there', async () => {
  const read = new Inboxes({
    inbox: async (agent) => (agent === 'gone' ? Promise.reject(new Error('there is no queue')) : inbox({ agent })),
  });

  await read.ask(['sum', 'gone', 'sum']);

  expect(waitingInboxes(read.all, wide).split('\n')).toEqual([
    'sum: about 60 messages wait in its inbox, the oldest for at least 4m, 20 in flight',
    'gone: its inbox cannot be read: there is no queue',
    '  npx posthorn top --once',
  ]);
});
