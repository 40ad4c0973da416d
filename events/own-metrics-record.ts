// The attributes of the item with an agent's own counters and timers, and what it used of models, beside its metrics record.

/** How often a metric was left out because the agent had used up its names. */
export const OVERFLOW_ATTRIBUTE = 'overflow';

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

/** An agent's own metrics, by name. */
export interface OwnTotals {
  readonly counters: Readonly<Record<string, number>>;
  readonly timers: Readonly<Record<string, { readonly count: number; readonly sumMs: number }>>;
  /** By model. */
  readonly models: Readonly<Record<string, ModelTokens>>;
  readonly overflow: number;
}

/** Reads and adds up the items of an agent's shards. @param items unmarshalled */
export function ownTotalsOf(items: readonly Readonly<Record<string, unknown>>[]): OwnTotals {
  const counters = new Map<string, number>();
  const timers = new Map<string, { count: number; sumMs: number }>();
  const models = new Map<string, Record<keyof ModelTokens, number>>();
  let overflow = 0;
  for (const [attribute, value] of items.flatMap((item) => Object.entries(item))) {
    if (typeof value !== 'number') continue;
    const [kind, name] = [attribute.slice(0, 2), attribute.slice(2)];
    const timer = timers.get(name) ?? { count: 0, sumMs: 0 };
    if (attribute === OVERFLOW_ATTRIBUTE) overflow += value;
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
