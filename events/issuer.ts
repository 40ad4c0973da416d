import * as z from 'zod/mini';
import { idSchema } from './envelope.ts';
import { secureUrlFault } from './secure-url.ts';

/**
 * The algorithms that tokens may be signed with. All are asymmetric, so that a key that verifies cannot sign.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const satisfies readonly TokenAlgorithm[];

/**
 * The algorithm of a token's signature.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1
 */
export type TokenAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519';

/** A longer lifetime makes a token a password. */
const MAX_AGE_SECONDS = 86_400;

/** Members that only a private or a secret key has. @see https://www.rfc-editor.org/rfc/rfc7518#section-6 */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const publicKeySchema = z
  .record(z.string(), z.unknown())
  .check(z.refine((key) => !PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name)), 'must be a public key, without private members'));

const keysUri = z.string().check(
  z.refine((uri) => secureUrlFault(uri) === undefined, {
    error: ({ input }) => (typeof input === 'string' ? secureUrlFault(input) : undefined),
  }),
);

/**
 * A party whose tokens the mesh trusts: the JSON value of the SSM parameter `registrationName` with the kind `issuers`.
 *
 * @see docs/security.md
 */
export const issuerSchema = z.object({
  id: idSchema,
  /** The claim `iss` of its tokens, compared exactly. No two issuers share one. */
  issuer: z.string().check(z.minLength(1)),
  /** Its public keys: a URL with https (http on this machine only), or a JSON Web Key Set. @see https://www.rfc-editor.org/rfc/rfc7517 */
  keys: z.union([z.strictObject({ jwksUri: keysUri }), z.strictObject({ jwks: z.object({ keys: z.array(publicKeySchema) }) })]),
  /** @default RS256, PS256, ES256, ES384, EdDSA and Ed25519 */
  algorithms: z.exactOptional(z.array(z.enum(TOKEN_ALGORITHMS)).check(z.minLength(1))),
  /** The longest time from `iat` to `exp`, 1 to 86,400 seconds. A message must be sent within it, too. @default 3600 */
  maxAgeSeconds: z.exactOptional(z.int().check(z.gte(1), z.lte(MAX_AGE_SECONDS))),
  /** Names of the principals that may present its tokens; `subject`: only the role or user that the token's subject names. */
  senders: z.union([z.literal('subject'), z.array(z.string())]),
});

/** A party whose tokens the mesh trusts, see {@link issuerSchema}. */
export type Issuer = z.output<typeof issuerSchema>;
