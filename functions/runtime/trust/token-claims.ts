import { kindOf } from '../../../events/describe-issues.ts';
import type { JsonObject } from './strict-json.ts';
import { refused } from './token-refused.ts';
import type { TokenTimes } from './token-times.ts';

/** The claims that every token must have. */
export interface TokenClaims extends TokenTimes {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly tokenId: string;
}

const MAX_NAME_CHARACTERS = 256;

/** No control, format, unassigned or surrogate character, no space but the plain one, none that shows nothing. */
const VISIBLE = /^(?:[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]| )+$/u;

/** The year 9999: what is later is no time. */
const MAX_SECONDS = 253_402_300_799;

/** @throws PermanentError `TokenClaimInvalid` */
export function readClaims({ iss, sub, aud, jti, iat, exp, nbf }: JsonObject): TokenClaims {
  if (typeof iss !== 'string' || iss === '') throw invalid('iss', 'must be the name of the issuer', iss);
  return {
    issuer: iss,
    subject: readName('sub', sub),
    audiences: readAudiences(aud),
    tokenId: readName('jti', jti),
    issuedAt: readTime('iat', iat),
    expiresAt: readTime('exp', exp),
    notBefore: nbf === undefined ? undefined : readTime('nbf', nbf),
  };
}

/** @throws PermanentError `TokenAudienceMismatch` */
export function requireAudience(audiences: readonly string[], audience: string): void {
  if (audiences.includes(audience)) return;
  throw refused('TokenAudienceMismatch', `token claim aud: must be or contain ${audience}: ask the issuer for a token for this agent`);
}

function readAudiences(aud: unknown): readonly string[] {
  if (typeof aud === 'string') return [aud];
  if (Array.isArray(aud) && aud.every((member) => typeof member === 'string')) return aud;
  throw invalid('aud', 'must be a string or an array of strings', aud);
}

/** Two subjects that look alike must not be different ones: policies and people compare what they see. */
function readName(claim: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME_CHARACTERS) {
    throw invalid(claim, `must be a string of 1 to ${MAX_NAME_CHARACTERS} characters`, value);
  }
  if (!VISIBLE.test(value) || value.trim() !== value) throw invalid(claim, 'must have visible characters only, with spaces between', value);
  if (value.normalize('NFC') !== value) throw invalid(claim, 'must be in Unicode normalization form C', value);
  return value;
}

/** @returns epoch milliseconds */
function readTime(claim: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SECONDS) return value * 1_000;
  throw invalid(claim, 'must be whole seconds since 1970, up to the year 9999', value);
}

const invalid = (claim: string, rule: string, value: unknown) =>
  refused('TokenClaimInvalid', `token claim ${claim}: ${rule} (it is ${kindOf(value)}): ask the issuer for a token with a valid claim`);
