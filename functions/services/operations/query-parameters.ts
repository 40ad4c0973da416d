import type { Context } from 'hono';
import { Problem } from './problem.ts';

/**
 * The query of a request. A filter that the route does not know would be answered with what it should leave out, so it is refused.
 *
 * @param names the parameters of the route
 * @throws Problem for another parameter, and for one that is given twice
 */
export function queryParameters<const Name extends string>({ req }: Context, names: readonly Name[]): ReadonlyMap<Name, string> {
  const found = new Map<Name, string>();
  for (const [given, value] of new URL(req.url).searchParams) {
    const name = names.find((known) => known === given);
    if (name === undefined)
      throw new Problem('invalid-request', `the query has a parameter that is not one of ${names.join(', ')}: leave it out`);
    if (found.has(name)) throw new Problem('invalid-request', `${name} is given more than once: give it once`);
    found.set(name, value);
  }
  return found;
}

/** @throws Problem for what is no text that a person can see, or a longer one */
export function textOf<Text extends string | undefined>(name: string, text: Text, maxCharacters: number): Text {
  if (text === undefined || (text.length <= maxCharacters && /^[^\p{Cc}\p{Cs}]+$/u.test(text))) return text;
  throw new Problem('invalid-request', `${name} is not 1 to ${maxCharacters} printable characters`);
}

interface Range<None> {
  readonly least: number;
  readonly most: number;
  /** Where nothing is given. */
  readonly none: None;
}

/** A whole number. @throws Problem for any other text */
export function numberOf<None extends number | undefined>(
  name: string,
  text: string | undefined,
  { least, most, none }: Range<None>,
): number | None {
  if (text === undefined) return none;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new Problem('invalid-request', `${name} is not a number from ${least} to ${most}: leave it out for ${none ?? 'any'}`);
}
