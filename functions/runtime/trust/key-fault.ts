import * as z from 'zod/mini';
import type { TokenAlgorithm } from '../../../events/issuer.ts';

const RSA = { kty: 'RSA' };
const ED25519 = { kty: 'OKP', crv: 'Ed25519' };

/** The one kind of key that fits each algorithm. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1 */
const KINDS: Readonly<Record<TokenAlgorithm, { readonly kty: string; readonly crv?: string }>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: RSA,
  PS384: RSA,
  PS512: RSA,
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: ED25519,
  Ed25519: ED25519,
};

const MIN_RSA_BITS = 2_048;

const text = z.exactOptional(z.string());

/** A member of a key set that has a name. `d` and `k` are there to be refused: they make a key that can sign. */
export const keySchema = z.object({
  kid: z.string(),
  kty: z.string(),
  use: text,
  alg: text,
  key_ops: z.exactOptional(z.array(z.string())),
  crv: text,
  n: text,
  e: text,
  x: text,
  y: text,
  d: text,
  k: text,
});

export type PublishedKey = z.infer<typeof keySchema>;

/** @returns why the key must not verify a token of this algorithm, `undefined` when it may */
export function keyFault(
  { kty, crv, use, alg, key_ops, n = '', e = '', d, k }: PublishedKey,
  algorithm: TokenAlgorithm,
): string | undefined {
  const fitting = KINDS[algorithm];
  if (kty === 'oct' || d !== undefined || k !== undefined) return 'is not a public key';
  if (kty !== fitting.kty) return `must have kty ${fitting.kty}`;
  if (fitting.crv !== undefined && crv !== fitting.crv) return `must have crv ${fitting.crv}`;
  if (use !== undefined && use !== 'sig') return 'must have use sig or none';
  if (key_ops !== undefined && !key_ops.includes('verify')) return 'must have verify in key_ops or no key_ops';
  if (alg !== undefined && alg !== algorithm) return 'must have the alg of the token or none';
  if (kty === 'RSA' && bitsOf(n) < MIN_RSA_BITS) return `must have ${MIN_RSA_BITS} bits or more`;
  // With the exponent 1 a signature is its own message: anyone can make one.
  if (kty === 'RSA' && bitsOf(e) < 2) return 'must have an exponent of 3 or more';
  return undefined;
}

/** Of a big-endian number in base64url; leading zeros do not make it longer. */
function bitsOf(number: string): number {
  const bytes = Buffer.from(number, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  const highest = bytes[first];
  return highest === undefined ? 0 : (bytes.length - first - 1) * 8 + (32 - Math.clz32(highest));
}
