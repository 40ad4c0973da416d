import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../../../events/access-record.ts';
import { describeIssues } from '../../../events/describe-issues.ts';
import { idSchema } from '../../../events/envelope.ts';
import { keysUriFault } from './keys-uri.ts';

export type Algorithm = TokenAlgorithm;

const DEFAULT_ALGORITHMS: readonly Algorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
const DEFAULT_MAX_AGE_SECONDS = 3_600;
const MAX_AGE_SECONDS = 86_400;

/** A JSON Web Key Set. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export interface KeySetDocument {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Who may sign tokens for the mesh. Never changed in place: a changed issuer is a new object. */
export interface TrustedIssuer {
  readonly id: string;
  /** The claim `iss` of its tokens, compared exactly. No two issuers share one. */
  readonly issuer: string;
  /** Where its public keys are: behind https (http on this machine only), or here. */
  readonly keys: { readonly jwksUri: string } | { readonly jwks: KeySetDocument };
  /** @default RS256, PS256, ES256, ES384, EdDSA, Ed25519 */
  readonly algorithms?: readonly Algorithm[] | undefined;
  /** The longest time from `iat` to `exp`, and so from `iat` until the message is sent. @default 3600 */
  readonly maxAgeSeconds?: number | undefined;
}

/** Members that only a private or a secret key has. @see https://www.rfc-editor.org/rfc/rfc7518#section-6 */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const publicKeySchema = z
  .record(z.string(), z.unknown())
  .check(z.refine((key) => !PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name)), 'must be a public key, without private members'));

const issuerSchema = z.strictObject({
  id: idSchema,
  issuer: z.string().check(z.minLength(1)),
  keys: z.union([
    z.strictObject({
      jwksUri: z.string().check(
        z.refine((uri) => keysUriFault(uri) === undefined, {
          error: ({ input }) => (typeof input === 'string' ? keysUriFault(input) : undefined),
        }),
      ),
    }),
    z.strictObject({ jwks: z.object({ keys: z.array(publicKeySchema) }) }),
  ]),
  algorithms: z.optional(z.array(z.enum(TOKEN_ALGORITHMS)).check(z.minLength(1))),
  maxAgeSeconds: z.optional(z.int().check(z.gte(1), z.lte(MAX_AGE_SECONDS))),
});

/** @throws TypeError naming each unknown option and each bad value */
export function parseTrustedIssuer(value: unknown): TrustedIssuer {
  const parsed = issuerSchema.safeParse(value);
  if (!parsed.success) throw new TypeError(`trusted issuer: ${describeIssues(parsed.error, value)}`, { cause: parsed.error });
  return parsed.data;
}

export const algorithmsOf = ({ algorithms }: TrustedIssuer): readonly Algorithm[] => algorithms ?? DEFAULT_ALGORITHMS;

export const maxAgeOf = ({ maxAgeSeconds }: TrustedIssuer): number => maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS;

const revisions = new WeakMap<TrustedIssuer, string>();

/** Another one when anything about the issuer is other. The same issuer read twice from the registry has the same one. */
export function revisionOf(issuer: TrustedIssuer): string {
  const known = revisions.get(issuer);
  if (known !== undefined) return known;
  const revision = hash('sha256', JSON.stringify([issuer.id, issuer.issuer, issuer.keys, algorithmsOf(issuer), maxAgeOf(issuer)]));
  revisions.set(issuer, revision);
  return revision;
}
