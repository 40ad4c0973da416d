import { expect, test } from 'vitest';
import { parseStatement, UnsupportedStatementError } from '../../../local/services/partiql.ts';

test('parses an insert', () => {
  expect(parseStatement(`INSERT INTO "posthorn-dev-ledger" VALUE {'messageKey': ?, 'it''s': ?}`)).toEqual({
    kind: 'insert',
    table: 'posthorn-dev-ledger',
    attributes: ['messageKey', "it's"],
  });
});

test('parses an update, whatever its spacing and case', () => {
  const expected = { kind: 'update', table: 't', set: ['a', 'b"c'], remove: ['d', 'e'], key: 'k', condition: 'r' };
  expect(parseStatement(`UPDATE "t" SET "a"=? SET "b""c"=? REMOVE "d" REMOVE "e" WHERE "k"=? AND "r"=?`)).toEqual(expected);
  expect(parseStatement(`update "t"\nset "a" = ? set "b""c" = ?\nremove "d" remove "e"\nwhere "k" = ? and "r" = ? `)).toEqual(expected);
});

test('an update may only remove', () => {
  expect(parseStatement(`UPDATE "t" REMOVE "d" WHERE "k"=? AND "r"=?`)).toMatchObject({ set: [], remove: ['d'] });
});

test.each([
  ['', 'Expected UPDATE at character 0'],
  ['SELECT * FROM "t"', 'Expected UPDATE at character 0'],
  [`INSERT INTO t VALUE {'a': ?}`, 'Expected a "quoted" name at character 11'],
  [`INSERT INTO "t" VALUE {'a': 'literal'}`, 'Expected ?'],
  [`INSERT INTO "t" VALUE {}`, "Expected a 'quoted' attribute"],
  [`INSERT INTO "t" VALUE {'a': ?} IF NOT EXISTS`, 'Expected the end'],
  [`UPDATE "t" WHERE "k"=? AND "r"=?`, 'Expected SET or REMOVE'],
  [`UPDATE "t" SET "a"=? WHERE "k"=?`, 'Expected AND'],
  [`UPDATE "t" SET "a"="a"+1 WHERE "k"=? AND "r"=?`, 'Expected ?'],
  [`UPDATE "t" SET "a"=? WHERE "k"=? AND "r"=? RETURNING ALL OLD *`, 'Expected the end'],
  [`DELETE FROM "t" WHERE "k"=?`, 'Expected UPDATE'],
])('refuses %s', (statement, message) => {
  expect(() => parseStatement(statement)).toThrow(UnsupportedStatementError);
  expect(() => parseStatement(statement)).toThrow(message);
});
