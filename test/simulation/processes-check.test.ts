import { describe, expect, test } from 'vitest';
import { checkProcesses } from './processes-check.ts';
import type { Evidence, FoundRecord } from './processes-evidence.ts';

const SOURCE = 'https://tests.example.com/producer';

const record = (agent: string, source: string, id: string, rest: Partial<FoundRecord>): FoundRecord => ({
  messageKey: `${agent} ${source} ${id}`,
  agent,
  outcome: 'processed',
  code: undefined,
  attempts: 0,
  outbox: [],
  received: '',
  ...rest,
});

const produced = ['plain', 'doomed'].map((kind) => ({
  source: SOURCE,
  id: kind,
  kind,
  body: JSON.stringify({ source: SOURCE, id: kind, data: { kind } }),
}));
const [plain, doomed] = produced.map(({ body }) => body);
const second = JSON.stringify({ source: '/agents/receiving', id: 'r-1', data: { kind: 'plain', nonce: 'n-1' } });
const third = JSON.stringify({ source: '/agents/enriching', id: 'e-1', data: { kind: 'plain', nonce: 'n-2' } });
const reply = JSON.stringify({ source: '/agents/concluding', id: 'c-1', data: { kind: 'plain', nonce: 'n-3' } });
const failure = { outcome: 'dead-lettered', code: 'Doomed', attempts: 4 };

const receiving = record('receiving', SOURCE, 'plain', { outbox: [{ to: 'enriching', body: second }] });
const given = record('receiving', SOURCE, 'doomed', failure);
const enriching = record('enriching', '/agents/receiving', 'r-1', { received: 'n-1', outbox: [{ to: 'concluding', body: third }] });
const concluding = record('concluding', '/agents/enriching', 'e-1', { received: 'n-2', outbox: [{ to: undefined, body: reply }] });
const copy = { agent: 'receiving', queue: 'dlq', body: doomed ?? '', ...failure } as const;

/** One message that passed the chain, and one that was dead-lettered. */
const good: Evidence = {
  produced,
  records: [receiving, given, enriching, concluding],
  replies: [reply, reply],
  failed: [copy],
  leftInInboxes: { receiving: 0, enriching: 0, concluding: 0 },
};

const violationsOf = (change: Partial<Evidence>): readonly string[] => checkProcesses({ ...good, ...change }).violations;

describe('the checker of the process run', () => {
  test('finds nothing where all is well, and counts it', () => {
    expect(checkProcesses(good)).toEqual({
      violations: [],
      outcomes: { 'receiving processed': 1, 'receiving dead-lettered': 1, 'enriching processed': 1, 'concluding processed': 1 },
      casualties: 0,
      repeatedCopies: 1,
    });
  });

  test.for<[string, Partial<Evidence>, RegExp]>([
    ['a message that was lost', { records: [receiving, enriching, concluding] }, /doomed has no outcome \(no record\)/],
    ['a message without outcome', { records: [receiving, given, enriching, { ...concluding, outcome: undefined }] }, /has no outcome \(0/],
    ['a message downstream that was lost', { records: [receiving, given, enriching] }, /^concluding .* e-1 has no outcome/],
    [
      'an effect that nobody committed',
      { records: [...good.records, record('enriching', '/agents/receiving', 'r-2', {})] },
      /r-2 is on record/,
    ],
    [
      'an effect of a handling that was not committed',
      { records: [receiving, given, { ...enriching, received: 'n-9' }, concluding] },
      /'n-9'/,
    ],
    ['a reply that was lost', { replies: [] }, /a committed reply never came/],
    ['a reply of another handling', { replies: [reply, reply.replace('n-3', 'n-9')] }, /a reply that nobody committed/],
    ['two outcomes', { failed: [copy, { ...copy, agent: 'enriching', body: second }] }, /is processed, and lies in dlq too/],
    [
      'a failed message with effects',
      { records: [receiving, { ...given, outbox: receiving.outbox }, enriching, concluding] },
      /sends all the same/,
    ],
    ['a failed message without its copy', { failed: [] }, /there is no copy in dlq/],
    ['a copy in the wrong queue', { failed: [{ ...copy, queue: 'errors' }] }, /no copy in dlq/],
    ['a copy that says otherwise', { failed: [{ ...copy, code: 'Other' }] }, /says dead-lettered Other/],
    [
      'a failure without reason',
      { records: [receiving, { ...given, code: 'Odd' }, enriching, concluding] },
      /\(doomed\) is dead-lettered Odd/,
    ],
    ['a failed copy that nobody sent', { failed: [copy, { ...copy, body: plain?.replace('"plain"', '"odd"') ?? '' }] }, /nobody sent/],
    ['too many attempts', { records: [receiving, { ...given, attempts: 5 }, enriching, concluding] }, /was tried 5 times/],
    ['something left over', { leftInInboxes: { receiving: 1 } }, /1 messages are left/],
  ])('finds %s', ([_what, change, violation]) => {
    expect(violationsOf(change).filter((sentence) => violation.test(sentence))).not.toEqual([]);
  });

  test('does not blame the mesh for a message whose processes were killed at each attempt, but counts it', () => {
    const killed = { outcome: 'dead-lettered', code: 'Abandoned', attempts: 4 };
    const body = { agent: 'receiving', queue: 'dlq', body: plain ?? '', ...killed } as const;

    const { violations, casualties } = checkProcesses({
      ...good,
      records: [{ ...receiving, ...killed, outbox: [] }, given],
      failed: [copy, body],
      replies: [],
    });

    expect([violations, casualties]).toEqual([[], 1]);
  });
});
