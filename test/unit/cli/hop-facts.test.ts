import { expect, test } from 'vitest';
import { hopCommand, hopFacts } from '../../../cli/commands/trace/hop-facts.ts';
import type { Inbox } from '../../../cli/inboxes.ts';
import type { Hop, HopState } from '../../../client/index.ts';

const NOW = 1_000_000;

const hop = (state: HopState, changes: Partial<Hop> = {}): Hop => ({
  ...{ messageKey: 'sum /shop order-1', agent: 'sum', id: 'order-1', source: '/shop', correlationId: 'order-1', generation: 0, state },
  ...{ outcome: state.kind === 'ended' ? state.outcome : undefined, error: undefined, sentAt: NOW - 9_000, receivedAt: NOW - 8_000 },
  ...{ startedAt: NOW - 8_000, handledAt: undefined, endedAt: undefined, attempts: [], usage: [], outbox: [] },
  ...changes,
});

const ended = (outcome: 'processed' | 'rejected' | 'dead-lettered'): HopState => ({ kind: 'ended', outcome, at: NOW, error: undefined });

const STATES: Readonly<Record<string, HopState>> = {
  'not received': { kind: 'not-received', since: NOW - 5_000 },
  'in backoff': { kind: 'backoff', until: NOW + 5_000 },
  due: { kind: 'due', since: NOW - 5_000 },
  claimed: { kind: 'claimed', until: NOW + 5_000, owner: 'o' },
  processed: ended('processed'),
  rejected: ended('rejected'),
  'dead-lettered': ended('dead-lettered'),
};

const inbox = (isPaused: boolean | undefined): Inbox => ({ agent: 'sum', visible: 3, inFlight: 0, delayed: 0, isPaused });
const around = (found?: Inbox) => ({ nowMs: NOW, inboxOf: () => found, flags: '--stage prod' });

test.each([
  ['not received', 'npx posthorn top --once --stage prod'],
  ['in backoff', 'npx posthorn stuck --agent sum --older-than 0s --stage prod'],
  ['due', 'npx posthorn stuck --agent sum --older-than 0s --stage prod'],
  ['claimed', 'npx posthorn top --once --stage prod'],
  ['processed', undefined],
  ['rejected', 'npx posthorn errors show sum order-1 --stage prod'],
  ['dead-lettered', 'npx posthorn dlq show sum order-1 --stage prod'],
])('a message that is %s has the command that helps', (name, command) => {
  expect(hopCommand(hop(STATES[name] ?? expect.fail(name)), around(inbox(false)))).toBe(command);
  expect(hopCommand(hop(STATES[name] ?? expect.fail(name)), around({ agent: 'sum', problem: 'it is gone' }))).toBe(command);
});

test.each(['not received', 'in backoff', 'due'])(
  'a message that is %s at a paused agent says so, with the command that resumes it',
  (name) => {
    const waiting = hop(STATES[name] ?? expect.fail(name));

    expect(hopFacts(waiting, around(inbox(true))).at(-1)).toMatch(/; the agent is paused$/);
    expect(hopCommand(waiting, around(inbox(true)))).toBe('npx posthorn resume sum --stage prod');
  },
);

test('what is going on, or over, at a paused agent is not said to wait for it', () => {
  for (const name of ['claimed', 'processed', 'rejected'])
    expect(hopFacts(hop(STATES[name] ?? expect.fail(name)), around(inbox(true))).join()).not.toContain('paused');
});

test('an id that a terminal would not show as it is is in no command, because what is copied would be another', () => {
  const hostile = hop(STATES.rejected ?? expect.fail(), { id: 'order-\u202e1' });

  expect(hopCommand(hostile, around())).toBe('npx posthorn errors show sum --stage prod');
});
