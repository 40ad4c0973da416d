import type { Item } from './item-size.ts';

export interface Expressions {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Whether a condition expression holds: comparisons with `=` and `<`, attribute_exists and attribute_not_exists, joined by AND and OR.
 *
 * @throws Error for anything else
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function holds(condition: string | undefined, item: Item | undefined, expressions: Expressions): boolean {
  if (condition === undefined) return true;
  return condition.split(' OR ').some((alternative) =>
    alternative
      .replace(/^\((.*)\)$/, '$1')
      .split(' AND ')
      .every((clause) => clauseHolds(clause.trim(), item, expressions)),
  );
}

function clauseHolds(clause: string, item: Item | undefined, { names, values }: Expressions): boolean {
  const called = /^attribute_(not_)?exists\((#\w+)\)$/.exec(clause);
  if (called) {
    const exists = item?.[names[called[2] ?? ''] ?? ''] !== undefined;
    return called[1] === undefined ? exists : !exists;
  }
  const compared = /^(#\w+) ([=<]) (:\w+)$/.exec(clause);
  if (!compared) throw new Error(`not a condition that is understood here: ${clause}`);
  const left = item?.[names[compared[1] ?? ''] ?? ''];
  const right = values[compared[3] ?? ''];
  if (left === undefined || right === undefined) return false;
  return compared[2] === '=' ? JSON.stringify(left) === JSON.stringify(right) : numberOf(left) < numberOf(right);
}

const numberOf = (value: unknown): number => (typeof value === 'object' && value !== null && 'N' in value ? Number(value.N) : Number.NaN);
