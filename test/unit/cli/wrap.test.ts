import { expect, test } from 'vitest';
import { wrap } from '../../../cli/commands/dev/terminal/wrap.ts';

test.each([
  [20, '  ignored: Role ×4,\n    Key ×1; others'],
  [30, '  ignored: Role ×4, Key ×1;\n    others'],
  [5, '  ignored: Role ×4,\n    Key ×1;\n    others'],
  [Number.POSITIVE_INFINITY, '  ignored: Role ×4, Key ×1; others'],
])('a list is broken after its commas to fit into %d columns', (columns, wrapped) => {
  expect(wrap('  ignored: Role ×4, Key ×1; others', columns, 4)).toBe(wrapped);
});
