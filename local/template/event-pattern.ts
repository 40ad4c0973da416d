import { z } from 'zod';

type Matcher = string | number | boolean | null | { readonly prefix: string };

/** An event pattern: fields with the values that match, at any depth. */
export interface EventPattern {
  readonly [field: string]: readonly Matcher[] | EventPattern;
}

const matcherSchema = z.union([z.string(), z.number(), z.boolean(), z.null(), z.strictObject({ prefix: z.string() })]);
const fieldSchema = z.string().regex(/^(?!\$)/);
const patternSchema: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(fieldSchema, z.union([z.array(matcherSchema).min(1), patternSchema])).refine((fields) => Object.keys(fields).length > 0),
);

/** @returns `undefined` for a pattern with operators other than exact values and `prefix` */
export function parseEventPattern(pattern: unknown): EventPattern | undefined {
  return patternSchema.safeParse(pattern).data;
}

/**
 * Whether an event has every field of a pattern, with one of its values.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const value = fieldOf(event, field);
    return isMatcherList(expected) ? matchesOne(expected, value) : matchesPattern(expected, value);
  });
}

/** A list in an event matches if one of its values does. */
function matchesOne(matchers: readonly Matcher[], value: unknown): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.some((each) => matchers.some((matcher) => matches(matcher, each)));
}

function matches(matcher: Matcher, value: unknown): boolean {
  if (matcher === null || typeof matcher !== 'object') return value === matcher;
  return typeof value === 'string' && value.startsWith(matcher.prefix);
}

function fieldOf(event: unknown, field: string): unknown {
  if (event === null || typeof event !== 'object' || !Object.hasOwn(event, field)) return undefined;
  return new Map(Object.entries(event)).get(field);
}

function isMatcherList(expected: readonly Matcher[] | EventPattern): expected is readonly Matcher[] {
  return Array.isArray(expected);
}
