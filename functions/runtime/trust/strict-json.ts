import { parseSafeJson } from '../../../events/safe-json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A string with the colon of a key, or a bracket. Linear: no two alternatives begin with the same character. */
const STRING_OR_BRACKET = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g;

/**
 * Parses JSON of which every reader must see the same: parsers differ in which of two equal keys they take, and whether they skip a
 * byte order mark.
 *
 * @throws SyntaxError that tells why, without an excerpt
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const json = decode(bytes);
  if (json.startsWith('\uFEFF')) throw new SyntaxError('begins with a byte order mark');
  const value = parseSafeJson(json);
  const repeated = repeatedKey(json);
  if (repeated !== undefined) throw new SyntaxError(`has ${shownKey(repeated)} twice in one object`);
  return value;
}

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError('is not UTF-8', { cause });
  }
}

/** @param json valid JSON @returns the first key that an object at any depth has twice */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of json.matchAll(STRING_OR_BRACKET)) {
    if (string === undefined) {
      // An array has no keys, yet takes a place, so that its end closes the array and not the object around it.
      if (token === '{' || token === '[') open.push(new Set());
      else open.pop();
    } else if (colon !== undefined) {
      const key: unknown = JSON.parse(string);
      const keys = open.at(-1);
      if (typeof key !== 'string' || keys === undefined || keys.has(key)) return String(key);
      keys.add(key);
    }
  }
  return undefined;
}

/** Names of claims and parameters are no secret, but anything may be sent as one. */
const shownKey = (key: string): string => (/^[A-Za-z0-9_.#-]{1,32}$/.test(key) ? `the key ${key}` : 'a key');
