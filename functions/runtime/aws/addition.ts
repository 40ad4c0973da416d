import type { AttributeValue, ReturnValue } from '@aws-sdk/client-dynamodb';
import { MAX_OWN_NAMES, NAMES_ATTRIBUTE } from '../../../events/own-metrics-record.ts';

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

/**
 * An addition to an agent's own metrics. With names that may be new to the item, it asks that the item has room for all of them or has them
 * already, and for the names that the item has then: neither costs a request or a write unit more.
 */
export function additionOfOwn(increments: ReadonlyMap<string, number>, fresh: readonly string[]): Addition {
  const names: Record<string, string> = {};
  const { additions, values } = addition(increments, (attribute, index) => {
    names[`#${index}`] = attribute;
    return `#${index}`;
  });
  if (fresh.length === 0) return { additions, values, names };
  const own = Object.fromEntries(fresh.map((name, index) => [`:name${index}`, { S: name }]));
  const hasAll = fresh.map((_, index) => `contains(#names, :name${index})`).join(' AND ');
  return {
    additions: `${additions}, #names :names`,
    values: { ...values, ...own, ':names': { SS: [...fresh] }, ':room': { N: String(MAX_OWN_NAMES - fresh.length) } },
    names: { ...names, '#names': NAMES_ATTRIBUTE },
    condition: `attribute_not_exists(#names) OR size(#names) <= :room OR (${hasAll})`,
    returned: 'UPDATED_NEW',
  };
}

function addition(increments: ReadonlyMap<string, number>, placeholder: (attribute: string, index: number) => string): Addition {
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
