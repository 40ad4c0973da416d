import { describe, expect, test } from 'vitest';
import { matchesPattern, parseEventPattern } from '../../../local/template/event-pattern.ts';

const event = {
  source: 'aws.ssm',
  'detail-type': 'Parameter Store Change',
  resources: ['arn:a', 'arn:b'],
  detail: { operation: 'Update', name: '/posthorn/dev/a', count: 3, flag: true, none: null },
};

test.each<[string, object, boolean]>([
  ['the parameters of a mesh', { source: ['aws.ssm'], detail: { name: [{ prefix: '/posthorn/dev/' }] } }, true],
  ['one of several values', { 'detail-type': ['Other', 'Parameter Store Change'] }, true],
  ['one of the event’s list', { resources: ['arn:b'] }, true],
  ['numbers, booleans and null', { detail: { count: [3], flag: [true], none: [null] } }, true],
  ['another prefix', { source: ['aws.ssm'], detail: { name: [{ prefix: '/posthorn/prod/' }] } }, false],
  ['another source', { source: ['aws.s3'], detail: { name: [{ prefix: '/posthorn/dev/' }] } }, false],
  ['a field that is absent', { detail: { absent: ['x'] } }, false],
  ['a field of every object', { detail: { constructor: [{ prefix: '' }] } }, false],
  ['a field of a text', { source: { length: [7] } }, false],
  ['a number as text', { detail: { count: ['3'] } }, false],
  ['a prefix of a number', { detail: { count: [{ prefix: '3' }] } }, false],
])('%s: %j', (_, pattern, isMatch) => {
  const parsed = parseEventPattern(pattern);

  expect(parsed).toEqual(pattern);
  expect(parsed && matchesPattern(parsed, event)).toBe(isMatch);
});

describe('a pattern that it does not understand is none', () => {
  test.each([
    [{ source: [{ suffix: '.ssm' }] }],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }],
    [{ detail: { name: [{ 'anything-but': ['x'] }] } }],
    [{ $or: [{ source: ['a'] }] }],
    [{ source: 'aws.ssm' }],
    [{ source: [] }],
    [{ detail: {} }],
    [{}],
    ['source'],
  ])('%j', (pattern) => {
    expect(parseEventPattern(pattern)).toBeUndefined();
  });
});
