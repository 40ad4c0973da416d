import { kindOf } from '../../../events/describe-issues.ts';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../../../events/issuer.ts';
import type { JsonObject } from './strict-json.ts';
import { refused } from './token-refused.ts';
import { algorithmsOf, type TrustedIssuer } from './trusted-issuer.ts';

/** What of the header the verification needs. */
export interface TokenHeader {
  readonly algorithm: TokenAlgorithm;
  /** Which of the issuer's keys; nothing but a name to look up. */
  readonly keyId: string;
}

/** Each would let the sender choose how the token is read, or with which key it is verified. */
const FORBIDDEN = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c', 'zip', 'cty', 'enc'];

/** An ID token or another kind of JWT of the same issuer must not pass for an access token. @see https://www.rfc-editor.org/rfc/rfc8725#section-3.11 */
const TYPES = new Set(['jwt', 'at+jwt']);

/** Thumbprints, UUIDs, ARNs and URIs; no path leads out of anywhere, nothing ends a quotation. */
const KEY_ID = /^(?!.*\.\.)[A-Za-z0-9_.:+/=@-]{1,128}$/;

/** @throws PermanentError `TokenHeaderRefused`, `TokenAlgorithmRefused` */
export function readHeader(header: JsonObject): TokenHeader {
  const forbidden = FORBIDDEN.find((name) => Object.hasOwn(header, name));
  if (forbidden !== undefined) throw headerRefused(forbidden, 'must be left out', header[forbidden], 'without it');
  const { alg, typ, kid } = header;
  if (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase())) throw headerRefused('typ', 'must be JWT or at+jwt', typ);
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) {
    throw headerRefused('kid', 'must name a key of the issuer in up to 128 letters, digits and ._:+/=@-', kid);
  }
  return { algorithm: readAlgorithm(alg), keyId: kid };
}

/** @throws PermanentError `TokenAlgorithmRefused` when this issuer does not sign so */
export function requireAlgorithm(algorithm: TokenAlgorithm, issuer: TrustedIssuer): void {
  if (!algorithmsOf(issuer).includes(algorithm)) throw algorithmRefused(algorithm, algorithmsOf(issuer));
}

function readAlgorithm(alg: unknown): TokenAlgorithm {
  const algorithm = TOKEN_ALGORITHMS.find((name) => name === alg);
  if (algorithm === undefined) throw algorithmRefused(alg, TOKEN_ALGORITHMS);
  return algorithm;
}

const algorithmRefused = (alg: unknown, taken: readonly string[]) =>
  refused(
    'TokenAlgorithmRefused',
    `token header alg: must be one of ${taken.join(', ')} (it is ${kindOf(alg)}): have the issuer sign with one of them`,
  );

const headerRefused = (name: string, rule: string, value: unknown, remedy = `with such a ${name}`) =>
  refused('TokenHeaderRefused', `token header ${name}: ${rule} (it is ${kindOf(value)}): have the issuer sign the token ${remedy}`);
