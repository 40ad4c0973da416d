// The attributes of the item with an agent's own counters and timers, and what it used of models, beside its metrics record.

/** Names of counters, timers and models of an agent, together: so many are shown, and so many are in an item. */
export const MAX_OWN_NAMES = 50;

/** How often a metric was left out because the agent had used up its names. */
export const OVERFLOW_ATTRIBUTE = 'overflow';

/** The set of the names that the item has: a condition on its size refuses names for which there is no room. */
export const NAMES_ATTRIBUTE = 'names';

/** A counter's total. */
export const counterNameAttribute = (name: string): string => `c ${name}`;

/** How often a timer was used. */
export const countAttribute = (name: string): string => `n ${name}`;

/** The milliseconds of a timer. */
export const sumMsAttribute = (name: string): string => `m ${name}`;

/** Tokens of a model: of attempts that were committed, and of those that were thrown away. */
export interface ModelTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly wastedInputTokens: number;
  readonly wastedOutputTokens: number;
}

const TOKEN_KINDS: Readonly<Record<keyof ModelTokens, string>> = {
  inputTokens: 'i',
  outputTokens: 'o',
  wastedInputTokens: 'I',
  wastedOutputTokens: 'O',
};

/** The total of one kind of tokens of a model. */
export const tokensAttribute = (kind: keyof ModelTokens, model: string): string => `${TOKEN_KINDS[kind]} ${model}`;

/** The name of the counter, timer or model that an attribute is of; `undefined` for other attributes. */
export const ownNameOf = (attribute: string): string | undefined =>
  ['c ', 'n ', 'm '].some((kind) => attribute.startsWith(kind)) || tokenKindOf(attribute) !== undefined ? attribute.slice(2) : undefined;

/** An agent's own metrics, by name. */
export interface OwnTotals {
  readonly counters: Readonly<Record<string, number>>;
  readonly timers: Readonly<Record<string, { readonly count: number; readonly sumMs: number }>>;
  /** By model. */
  readonly models: Readonly<Record<string, ModelTokens>>;
  readonly overflow: number;
}

/**
 * Reads and adds up the items of an agent's shards. At most {@link MAX_OWN_NAMES} names are shown: those that were shown before stay, then
 * come those that most shards have. Each of the others is overflow.
 *
 * @param items unmarshalled
 * @param before what the last snapshot has
 */
export function ownTotalsOf(items: readonly Readonly<Record<string, unknown>>[], before?: OwnTotals): OwnTotals {
  const counters = new Map<string, number>();
  const timers = new Map<string, { count: number; sumMs: number }>();
  const models = new Map<string, Record<keyof ModelTokens, number>>();
  const { shown, left } = shownNames(items, before);
  let overflow = left;
  for (const [attribute, value] of items.flatMap((item) => Object.entries(item))) {
    if (typeof value !== 'number') continue;
    const [kind, name] = [attribute.slice(0, 2), attribute.slice(2)];
    const timer = timers.get(name) ?? { count: 0, sumMs: 0 };
    if (attribute === OVERFLOW_ATTRIBUTE) overflow += value;
    else if (!shown.has(name)) continue;
    else if (kind === 'c ') counters.set(name, (counters.get(name) ?? 0) + value);
    else if (kind === 'n ') timers.set(name, { ...timer, count: timer.count + value });
    else if (kind === 'm ') timers.set(name, { ...timer, sumMs: timer.sumMs + value });
    else {
      const tokens = tokenKindOf(attribute);
      if (tokens !== undefined) models.set(name, withTokens(models.get(name), tokens, value));
    }
  }
  // A name may be that of a property of every object.
  return { counters: Object.fromEntries(counters), timers: Object.fromEntries(timers), models: Object.fromEntries(models), overflow };
}

/** Each shard has at most {@link MAX_OWN_NAMES} names, but not each the same. @returns also how many are not shown: it never falls */
function shownNames(items: readonly Readonly<Record<string, unknown>>[], before: OwnTotals | undefined) {
  const shards = new Map<string, number>();
  for (const item of items) {
    const names = new Set(Object.keys(item).map(ownNameOf));
    for (const name of names) if (name !== undefined) shards.set(name, (shards.get(name) ?? 0) + 1);
  }
  const wereShown = new Set([before?.counters, before?.timers, before?.models].flatMap((byName) => Object.keys(byName ?? {})));
  const names = [...shards].map(([name, count]) => ({ name, count, wasShown: Number(wereShown.has(name)) }));
  const ordered = names.toSorted((a, b) => b.wasShown - a.wasShown || b.count - a.count || (a.name < b.name ? -1 : 1));
  return { shown: new Set(ordered.slice(0, MAX_OWN_NAMES).map(({ name }) => name)), left: Math.max(0, ordered.length - MAX_OWN_NAMES) };
}

const isTokenKind = (name: string): name is keyof ModelTokens => Object.hasOwn(TOKEN_KINDS, name);

const tokenKindOf = (attribute: string): keyof ModelTokens | undefined =>
  Object.keys(TOKEN_KINDS)
    .filter(isTokenKind)
    .find((kind) => attribute.startsWith(`${TOKEN_KINDS[kind]} `));

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, wastedInputTokens: 0, wastedOutputTokens: 0 };

const withTokens = (before: ModelTokens = NO_TOKENS, kind: keyof ModelTokens, value: number) => ({
  ...before,
  [kind]: before[kind] + value,
});
