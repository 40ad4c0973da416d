/** One of the two PartiQL statements that the embedded tables understand, its parameters by position. */
export type Statement =
  | { readonly kind: 'insert'; readonly table: string; readonly attributes: readonly string[] }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly set: readonly string[];
      readonly remove: readonly string[];
      /** The attribute of the first equality in WHERE: the partition key. */
      readonly key: string;
      /** The attribute of the second equality in WHERE: the update's condition. */
      readonly condition: string;
    };

export const SUPPORTED_STATEMENTS =
  `INSERT INTO "table" VALUE {'a': ?, ...} and ` +
  `UPDATE "table" SET "a"=? [SET "b"=? ...] [REMOVE "c" ...] WHERE "<partition key>"=? AND "b"=?`;

/** A statement of neither form. The message lists the two supported ones. */
export class UnsupportedStatementError extends Error {
  override readonly name = 'UnsupportedStatementError';

  constructor(statement: string, expected: string, at: number) {
    super(`The embedded tables support ${SUPPORTED_STATEMENTS}. Expected ${expected} at character ${at} of: ${statement.slice(0, 200)}`);
  }
}

/**
 * Parses `INSERT INTO … VALUE {…}` and `UPDATE … SET … REMOVE … WHERE … AND …`, every value a `?`. Nothing else.
 *
 * @throws UnsupportedStatementError
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
 */
export function parseStatement(statement: string): Statement {
  const cursor = new Cursor(statement);
  const parsed = cursor.word('INSERT') ? insertStatement(cursor) : updateStatement(cursor);
  cursor.end();
  return parsed;
}

function insertStatement(cursor: Cursor): Statement {
  cursor.expectWord('INTO');
  const table = cursor.identifier();
  cursor.expectWord('VALUE');
  cursor.expectSign('{');
  const attributes: string[] = [];
  do {
    attributes.push(cursor.literal());
    cursor.expectSign(':');
    cursor.expectSign('?');
  } while (cursor.sign(','));
  cursor.expectSign('}');
  return { kind: 'insert', table, attributes };
}

function updateStatement(cursor: Cursor): Statement {
  cursor.expectWord('UPDATE');
  const table = cursor.identifier();
  const set: string[] = [];
  const remove: string[] = [];
  while (cursor.word('SET')) set.push(equality(cursor));
  while (cursor.word('REMOVE')) remove.push(cursor.identifier());
  if (set.length + remove.length === 0) cursor.fail('SET or REMOVE');
  cursor.expectWord('WHERE');
  const key = equality(cursor);
  cursor.expectWord('AND');
  return { kind: 'update', table, set, remove, key, condition: equality(cursor) };
}

function equality(cursor: Cursor): string {
  const attribute = cursor.identifier();
  cursor.expectSign('=');
  cursor.expectSign('?');
  return attribute;
}

class Cursor {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  word(word: string): boolean {
    return this.#take(new RegExp(`\\s*${word}\\b`, 'iy')) !== undefined;
  }

  sign(sign: string): boolean {
    return this.#take(new RegExp(`\\s*\\${sign}`, 'y')) !== undefined;
  }

  expectWord(word: string): void {
    if (!this.word(word)) this.fail(word);
  }

  expectSign(sign: string): void {
    if (!this.sign(sign)) this.fail(sign);
  }

  identifier(): string {
    const quoted = this.#take(/\s*"((?:[^"]|"")+)"/y) ?? this.fail('a "quoted" name');
    return quoted.replaceAll('""', '"');
  }

  literal(): string {
    const quoted = this.#take(/\s*'((?:[^']|'')+)'/y) ?? this.fail("a 'quoted' attribute");
    return quoted.replaceAll("''", "'");
  }

  end(): void {
    if (this.#take(/\s*$/y) === undefined) this.fail('the end');
  }

  fail(expected: string): never {
    throw new UnsupportedStatementError(this.#source, expected, this.#position);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    return match[1] ?? match[0];
  }
}
