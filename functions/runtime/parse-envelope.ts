import { parse as parseJson } from 'secure-json-parse';
import * as z from 'zod/mini';
import { type Envelope, envelopeSchema, MAX_NESTING } from '../../events/envelope.ts';
import { PermanentError } from './errors.ts';

/**
 * Parses and validates the body of an SQS message.
 *
 * @throws PermanentError `InvalidEnvelope` saying which field is wrong, of what kind it is and what it must be
 */
export function parseEnvelope(body: string): Envelope {
  let value: unknown;
  try {
    value = parseSafeJson(body);
  } catch (cause) {
    throw invalid(`the body ${cause instanceof Error ? cause.message : cause}: send a CloudEvents 1.0 event as JSON`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`the body is ${kindOf(value)}: send a CloudEvents 1.0 event, a JSON object`);
  }
  const parsed = z.safeParse(envelopeSchema, value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error, value), parsed.error);
  return parsed.data;
}

/**
 * Parses JSON that a stranger wrote.
 *
 * @throws SyntaxError saying what is wrong: no JSON, nested too deep, or keys that would change an object's prototype
 */
export function parseSafeJson(json: string): unknown {
  if (isNestedDeeperThan(MAX_NESTING, json)) throw new SyntaxError(`is nested deeper than ${MAX_NESTING} levels`);
  try {
    return parseJson(json, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new SyntaxError(`is not safe JSON (${cause instanceof Error ? withoutExcerpt(cause.message) : cause})`);
  }
}

/** V8 quotes the text around the mistake, which may be secret: `Unexpected token 'x', "..."x": 1}" is not valid JSON`. */
const withoutExcerpt = (message: string): string => message.replace(/^Unexpected token.*$/s, 'Unexpected character');

const invalid = (reason: string, cause?: unknown) => new PermanentError('InvalidEnvelope', reason, { cause });

/** One clause an issue: the field, what is wrong, the kind of the value. At most five: a reader mends one at a time. */
export function describeIssues(error: z.core.$ZodError, value: unknown): string {
  const clauses = error.issues.slice(0, 5).map((issue) => {
    const field = issue.path.length === 0 ? 'the value' : issue.path.map(String).join('.');
    return `${field}: ${issue.message} (it is ${kindOf(at(value, issue.path))})`;
  });
  const more = error.issues.length - clauses.length;
  return clauses.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

/** The kind of a value, never the value: it may be secret, or a megabyte. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Looks at brackets outside strings only, without recursion: the text may be an attack on recursive code. */
export function isNestedDeeperThan(limit: number, json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const character = json.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > limit) return true;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return false;
}
