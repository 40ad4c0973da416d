import type { AttributeValue, ReturnValue } from '@aws-sdk/client-dynamodb';

/** The parts of an UpdateItem that adds to attributes. */
export interface Addition {
  /** What follows `ADD`. Empty for nothing. */
  readonly additions: string;
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly names?: Readonly<Record<string, string>>;
  readonly condition?: string;
  readonly returned?: ReturnValue;
}

/** An addition to attributes whose names need no placeholders. */
export const additionOf = (increments: ReadonlyMap<string, number>): Addition => addition(increments, (attribute) => attribute);

/** @param placeholder the form of an attribute's name in an expression */
export function addition(increments: ReadonlyMap<string, number>, placeholder: (attribute: string, index: number) => string): Addition {
  const values: Record<string, { N: string }> = {};
  const placeholders = new Map<number, string>();
  const additions: string[] = [];
  for (const [attribute, increment] of increments) {
    // Most increments are the same: each value that is named once costs 2 KB of memory.
    let value = placeholders.get(increment);
    if (value === undefined) {
      value = `:${placeholders.size}`;
      placeholders.set(increment, value);
      values[value] = { N: String(increment) };
    }
    additions.push(`${placeholder(attribute, additions.length)} ${value}`);
  }
  return { additions: additions.join(', '), values };
}
