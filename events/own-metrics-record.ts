// The attributes of the item with an agent's own counters and timers, beside its metrics record.

/** How often a metric was left out because the agent had used up its names. */
export const OVERFLOW_ATTRIBUTE = 'overflow';

/** A counter's total. */
export const counterNameAttribute = (name: string): string => `c ${name}`;

/** How often a timer was used. */
export const countAttribute = (name: string): string => `n ${name}`;

/** The milliseconds of a timer. */
export const sumMsAttribute = (name: string): string => `m ${name}`;

/** An agent's own metrics, by name. */
export interface OwnTotals {
  readonly counters: Readonly<Record<string, number>>;
  readonly timers: Readonly<Record<string, { readonly count: number; readonly sumMs: number }>>;
  readonly overflow: number;
}

/** Reads and adds up the items of an agent's shards. @param items unmarshalled */
export function ownTotalsOf(items: readonly Readonly<Record<string, unknown>>[]): OwnTotals {
  const counters = new Map<string, number>();
  const timers = new Map<string, { count: number; sumMs: number }>();
  let overflow = 0;
  for (const [attribute, value] of items.flatMap((item) => Object.entries(item))) {
    if (typeof value !== 'number') continue;
    const [kind, name] = [attribute.slice(0, 2), attribute.slice(2)];
    const timer = timers.get(name) ?? { count: 0, sumMs: 0 };
    if (attribute === OVERFLOW_ATTRIBUTE) overflow += value;
    else if (kind === 'c ') counters.set(name, (counters.get(name) ?? 0) + value);
    else if (kind === 'n ') timers.set(name, { ...timer, count: timer.count + value });
    else if (kind === 'm ') timers.set(name, { ...timer, sumMs: timer.sumMs + value });
  }
  // A name may be that of a property of every object.
  return { counters: Object.fromEntries(counters), timers: Object.fromEntries(timers), overflow };
}
