import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setGeneration } from '../../../client/failed/set-generation.ts';

test.each([
  ['{}', '{"generation":3}'],
  [' {\n "id": "1" }', ' {"generation":3,\n "id": "1" }'],
  ['{"id":"1","generation" : 12 ,"a":[1]}', '{"id":"1","generation" : 3 ,"a":[1]}'],
  ['{"gener\\u0061tion":2}', '{"gener\\u0061tion":3}'],
  ['{"generation":1,"generation":2}', '{"generation":3,"generation":3}'],
  ['{"data":{"generation":1},"b":"generation"}', '{"generation":3,"data":{"generation":1},"b":"generation"}'],
  ['{"data":"\\"generation\\":1,","n":12345678901234567890}', '{"generation":3,"data":"\\"generation\\":1,","n":12345678901234567890}'],
  ['{"generation":{"a":[{"b":1}]},"c":1}', '{"generation":3,"c":1}'],
])('%s', (before, after) => {
  expect(setGeneration(before, 3)).toBe(after);
});

test('of any object it is set, and nothing else is changed', () => {
  const json = fc.dictionary(fc.oneof(fc.constant('generation'), fc.string()), fc.jsonValue(), { maxKeys: 6 });
  fc.assert(
    fc.property(json, fc.integer({ min: 0, max: 1_000 }), fc.constantFrom(undefined, 1, '\t'), (object, generation, indent) => {
      const before = JSON.stringify(object, undefined, indent);

      const after = JSON.parse(setGeneration(before, generation));

      const { generation: was, ...rest } = JSON.parse(before);
      const { generation: is, ...others } = after;
      expect(is).toBe(generation);
      expect(others).toEqual(rest);
    }),
  );
});

test('nesting does not exhaust the stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);

  expect(setGeneration(`{"data":${deep}}`, 1)).toBe(`{"generation":1,"data":${deep}}`);
});
