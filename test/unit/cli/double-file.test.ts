import { describe, expect, test } from 'vitest';
import { parseDoubleFile } from '../../../cli/commands/dev/foreign/double-file.ts';
import { findAnswer } from '../../../cli/commands/dev/foreign/find-answer.ts';

const parsed = (answers: unknown) => parseDoubleFile(JSON.stringify(answers), 'doubles/billing.json').answers;

describe('an answer fits a message', () => {
  const replyTo = (answers: unknown, data: unknown, type = 'invoice.wanted') => findAnswer(parsed(answers), { type, data })?.reply;

  test('of its type, whatever the data', () => {
    const answers = [{ when: { type: 'invoice.wanted' }, reply: 'yes' }];

    expect(replyTo(answers, { amount: 3 })).toBe('yes');
    expect(replyTo(answers, { amount: 3 }, 'invoice.cancelled')).toBeUndefined();
  });

  test('whose data has all that is named, and may have more', () => {
    const answers = [{ when: { data: { order: { id: 'o-1', items: [{ sku: 'a' }, {}] }, paid: null } }, reply: 'yes' }];
    const order = { id: 'o-1', items: [{ sku: 'a', count: 2 }, { sku: 'b' }], by: 'Ada' };

    expect(replyTo(answers, { order, paid: null, more: true })).toBe('yes');
    expect(replyTo(answers, { order: { ...order, id: 'o-2' }, paid: null })).toBeUndefined();
    expect(replyTo(answers, { order: { ...order, items: [{ sku: 'a' }] }, paid: null })).toBeUndefined();
    expect(replyTo(answers, { order })).toBeUndefined();
    expect(replyTo(answers, { order, paid: {} })).toBeUndefined();
    expect(replyTo(answers, 'text')).toBeUndefined();
  });

  test.each([
    ['an array is no object', { 0: 'a' }, ['a'], false],
    ['an object is no array', ['a'], { 0: 'a' }, false],
    ['what every object inherits does not count', { toString: {} }, {}, false],
    ['a text is itself', 'ping', 'ping', true],
    ['null is itself', null, null, true],
    ['an empty object is any object', {}, { amount: 3 }, true],
  ])('%s', (_rule, data, given, fits) => {
    expect(replyTo([{ when: { data }, reply: 'yes' }], given) === 'yes').toBe(fits);
  });

  test('that no earlier one fits; one without conditions fits the rest', () => {
    const answers = [{ when: { data: { amount: 1 } }, reply: 'one' }, { when: {}, reply: 'any' }, { reply: 'never' }];

    expect(replyTo(answers, { amount: 1 })).toBe('one');
    expect(replyTo(answers, { amount: 2 })).toBe('any');
  });

  test('a reply may be null', () => {
    expect(findAnswer(parsed([{ reply: null }]), { type: 't', data: 1 })).toMatchObject({ reply: null });
  });
});

test('a file may name the version of the agent, with answers or without', () => {
  const file = (content: unknown) => parseDoubleFile(JSON.stringify(content), 'doubles/rating.json');

  expect(file({ version: '2.1.0', answers: [{ reply: 1 }] })).toMatchObject({ version: '2.1.0', answers: [{ reply: 1 }] });
  expect(file({ version: '2.1.0' })).toEqual({ version: '2.1.0', answers: [] });
  expect(file([{ reply: 1 }])).toMatchObject({ version: '1.0.0', answers: [{ reply: 1 }] });
});

test.each([
  [{ version: '2' }, 'version: must be a semantic version, e.g. 1.0.0 (it is a string of 1 characters)'],
  [{ version: '2.0.0', answers: {} }, 'answers: must be an array of answers (it is an object)'],
  [{ version: '2.0.0', answers: [{ fail: 1 }] }, "answers.0.fail: must be 'transient' or 'permanent' (it is a number)"],
  [{ version: '2.0.0', replies: [] }, 'the value: Unrecognized key: "replies" (it is an object)'],
  [{ reply: 1 }, 'the value: must be an array of answers (it is an object)'],
  [[{ fail: 'sometimes' }], "0.fail: must be 'transient' or 'permanent' (it is a string of 9 characters)"],
  [[{}, { when: { typ: 'x' } }], '1.when: Unrecognized key: "typ" (it is an object)'],
  [[{ replies: 1 }], '0: Unrecognized key: "replies" (it is an object)'],
  [
    [{ fail: 'permanent', reply: 1 }],
    '0.fail: must be alone: a message that fails has no reply and sends nothing (it is a string of 9 characters)',
  ],
  [
    [{ send: [{ to: 'Shipping', data: 1 }] }],
    '0.send.0.to: must be 2 to 48 lower-case letters, digits and hyphens, starting with a letter',
  ],
  [[{ send: [{ to: 'shipping' }] }], '0.send.0.data: must be there (it is missing)'],
  [[{ send: { to: 'shipping', data: 1 } }], '0.send: must be an array of { to, data, type } (it is an object)'],
  [[{ when: 'always' }], '0.when: Invalid input: expected object, received string'],
])('%j is refused by file, field and kind of value', (answers, message) => {
  expect(() => parsed(answers)).toThrow(`doubles/billing.json: ${message}`);
});

test('what is not JSON is refused by its file', () => {
  expect(() => parseDoubleFile('[{]', 'doubles/billing.json')).toThrow(/^doubles\/billing\.json is not JSON: .*position/);
});
