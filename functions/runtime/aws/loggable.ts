import { errorProperty, errorText, inspectable } from '../failure/error-property.ts';
import type { LogFields } from '../ports.ts';

/** An error may wrap another, or itself: deeper causes are left out. */
const MAX_CAUSES = 5;

/**
 * Fields in a form that can be written whatever they hold. Of an error, wherever it is, that is name, message, stack, code and
 * cause: its other properties may hold a credential, as in the request of a client that failed. A field without a JSON form is left out and
 * named in `unloggable`. Never throws.
 */
export function loggable(fields: LogFields): LogFields {
  const seen = inspectable(fields);
  if (seen instanceof Error) return { error: describeError(seen) };
  if (!holdsObject(fields)) return fields;
  const kept: Record<string, unknown> = {};
  const unloggable: string[] = [];
  try {
    for (const key of Object.keys(fields)) {
      try {
        kept[key] = plain(fields[key]);
      } catch {
        unloggable.push(key);
      }
    }
  } catch {
    unloggable.push('every field');
  }
  return unloggable.length === 0 ? kept : { ...kept, unloggable };
}

const isObject = (value: unknown): boolean => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Most lines hold nothing but text and numbers, and are written as they are. */
function holdsObject(fields: LogFields): boolean {
  try {
    for (const key in fields) if (isObject(fields[key])) return true;
    return false;
  } catch {
    return true;
  }
}

/** @throws any error of the value's own getters; TypeError, SyntaxError where JSON has no form for it */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  const seen = inspectable(value);
  return seen instanceof Error ? describeError(seen) : JSON.parse(JSON.stringify(value, replace));
}

/** As a replacer of JSON.stringify: an error is found before its own toJSON runs. */
function replace(this: unknown, key: string, value: unknown): unknown {
  const original = errorProperty(this, key);
  if (original instanceof Error) return describeError(original);
  return typeof value === 'bigint' ? String(value) : value;
}

function describeError(error: unknown, causes = 0): unknown {
  const code = errorProperty(error, 'code');
  const cause = errorProperty(error, 'cause');
  return {
    name: errorText(error, 'name'),
    message: errorText(error, 'message'),
    stack: errorText(error, 'stack'),
    code: isObject(code) ? undefined : code,
    cause: isObject(cause) ? (causes < MAX_CAUSES ? describeError(cause, causes + 1) : undefined) : cause,
  };
}
