import { describe, expect, test } from 'vitest';
import { UnsupportedTemplateError } from '../../../local/errors.ts';
import { holds, resolveIntrinsics, type Scope } from '../../../local/template/intrinsics.ts';

const conditions: Record<string, unknown> = {
  IsProduction: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
  IsDevelopment: { 'Fn::Not': [{ Condition: 'IsProduction' }] },
};
const scope: Scope = {
  ref: (id) => ({ 'AWS::Region': 'us-east-1', 'AWS::AccountId': '000000000000', Queue: 'http://q/inbox', Stage: 'dev', Enabled: true })[id],
  attribute: (id, attribute) => `${id}#${attribute}`,
  imported: (name) => `imported ${name}`,
  condition: (name) => conditions[name],
};

describe('resolveIntrinsics', () => {
  test.each([
    [{ Ref: 'Queue' }, 'http://q/inbox'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue#Arn'],
    [{ 'Fn::GetAtt': 'Queue.Arn' }, 'Queue#Arn'],
    [{ 'Fn::Join': ['-', ['content', { Ref: 'AWS::AccountId' }, 7]] }, 'content-000000000000-7'],
    [{ 'Fn::Sub': `arn:\${AWS::Region}:\${Queue.Arn}:\${!Literal}` }, `arn:us-east-1:Queue#Arn:\${Literal}`],
    [{ 'Fn::Sub': [`\${Stage}-\${Own}`, { Own: { Ref: 'AWS::Region' } }] }, 'dev-us-east-1'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::Split': [':', { Ref: 'Queue' }] }, ['http', '//q/inbox']],
    [{ 'Fn::ImportValue': { 'Fn::Join': ['', ['state:', 'Out']] } }, 'imported state:Out'],
    [{ 'Fn::If': ['IsProduction', 'a', { Ref: 'Stage' }] }, 'dev'],
    [{ deep: [{ Ref: 'Stage' }, { kept: 1, gone: { Ref: 'AWS::NoValue' } }, { Ref: 'AWS::NoValue' }] }, { deep: ['dev', { kept: 1 }] }],
    [
      { Ref: 'Stage', other: 1 },
      { Ref: 'Stage', other: 1 },
    ],
    [null, null],
  ])('%j', (value, expected) => {
    expect(resolveIntrinsics(value, scope)).toEqual(expected);
  });

  test.each([
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }, 'Fn::FindInMap'],
    [{ 'Fn::Select': [3, ['a']] }, 'no item 3'],
    [{ 'Fn::Join': 'a' }, 'Fn::Join needs a list'],
    [{ Ref: 1 }, 'Ref needs a string'],
  ])('refuses %j', (value, message) => {
    expect(() => resolveIntrinsics(value, scope)).toThrow(UnsupportedTemplateError);
    expect(() => resolveIntrinsics(value, scope)).toThrow(message);
  });
});

test.each([
  [{ Condition: 'IsDevelopment' }, true],
  [{ 'Fn::And': [{ Condition: 'IsDevelopment' }, { 'Fn::Equals': ['a', 'a'] }] }, true],
  [{ 'Fn::And': [{ Condition: 'IsDevelopment' }, { Condition: 'IsProduction' }] }, false],
  [{ 'Fn::Equals': [1, '1'] }, true],
  [{ 'Fn::Equals': [{ Ref: 'Enabled' }, 'true'] }, true],
  [{ 'Fn::Equals': [true, 'True'] }, false],
  [{ 'Fn::Or': [{ Condition: 'IsProduction' }, { 'Fn::Equals': ['a', 'b'] }] }, false],
])('the condition %j holds: %s', (condition, expected) => {
  expect(holds(condition, scope)).toBe(expected);
});
