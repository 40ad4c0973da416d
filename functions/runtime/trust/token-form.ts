import { kindOf } from '../../../events/describe-issues.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from './strict-json.ts';
import { refused } from './token-refused.ts';

/** SQS takes a megabyte; tokens of identity providers with many groups come to 4 KB. */
const MAX_TOKEN_CHARACTERS = 8_192;

const REMEDY = 'send the token as the issuer gave it, a signed JWT in compact form';

/** What a token has to tell before anything of it is believed. */
export interface ReadToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** @throws PermanentError `TokenMissing`, `TokenTooLarge` */
export function requireToken(token: string | undefined): string {
  if (token === undefined || token === '')
    throw refused('TokenMissing', 'the token is missing: send one of a trusted issuer in the message attribute authorization');
  if (token.length <= MAX_TOKEN_CHARACTERS) return token;
  throw refused('TokenTooLarge', `the token is ${kindOf(token)}, more than ${MAX_TOKEN_CHARACTERS}: ask the issuer for fewer claims`);
}

/**
 * Reads the two JSON objects of a token. A token has exactly one text form, so a search for its text finds it.
 *
 * @throws PermanentError `TokenMalformed`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function readToken(token: string): ReadToken {
  const [header, payload, signature, ...more] = token.split('.');
  if (more.length === 2) throw malformed('the token has five parts, so it is encrypted');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw malformed(`the token has ${token.split('.').length} parts instead of three`);
  }
  decodeBase64Url('signature', signature);
  return { header: readObject('header', header), claims: readObject('payload', payload) };
}

function readObject(part: string, encoded: string): JsonObject {
  const bytes = decodeBase64Url(part, encoded);
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch (cause) {
    throw malformed(`the token's ${part} ${cause instanceof Error ? cause.message : 'is not JSON'}`, { cause });
  }
  if (!isJsonObject(value)) throw malformed(`the token's ${part} is ${kindOf(value)}, not a JSON object`);
  return value;
}

/**
 * Node and most libraries skip what base64url does not have, and ignore the bits that the last character has to spare: 15 other
 * last characters would make the same bytes.
 */
function decodeBase64Url(part: string, encoded: string): Uint8Array {
  if (encoded === '') throw malformed(`the token's ${part} is empty`);
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw malformed(`the token's ${part} is not base64url without padding`);
  return bytes;
}

const malformed = (reason: string, options?: ErrorOptions) => refused('TokenMalformed', `${reason}: ${REMEDY}`, options);
