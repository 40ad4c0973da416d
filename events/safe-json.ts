import { parse as parseJson } from 'secure-json-parse';
import { MAX_NESTING } from './envelope.ts';

/**
 * Parses JSON from outside the mesh.
 *
 * @param maxNesting of arrays and objects
 * @throws SyntaxError that says why: no JSON, nested too deep, or keys that would change an object's prototype
 */
export function parseSafeJson(json: string, maxNesting = MAX_NESTING): unknown {
  if (isNestedDeeperThan(maxNesting, json)) throw new SyntaxError(`is nested deeper than ${maxNesting} levels`);
  try {
    return parseJson(json, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new SyntaxError(`is not safe JSON (${cause instanceof Error ? withoutExcerpt(cause.message) : cause})`);
  }
}

/** V8 quotes the text around the mistake, which may be secret: `Unexpected token 'x', "..."x": 1}" is not valid JSON`. */
const withoutExcerpt = (message: string): string => message.replace(/^Unexpected token.*$/s, 'Unexpected character');

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
