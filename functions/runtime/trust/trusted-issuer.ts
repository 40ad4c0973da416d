import { hash } from 'node:crypto';
import type { AccessRecord } from '../../../events/access-record.ts';
import type { Issuer, TokenAlgorithm } from '../../../events/issuer.ts';

const DEFAULT_ALGORITHMS: readonly TokenAlgorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
const DEFAULT_MAX_AGE_SECONDS = 3_600;

/** Who may sign tokens for the mesh. Never changed in place: a changed issuer is a new object. */
export type TrustedIssuer = Readonly<Omit<Issuer, 'senders'>>;

/** A JSON Web Key Set. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export type KeySetDocument = Extract<Issuer['keys'], { readonly jwks: unknown }>['jwks'];

export const algorithmsOf = ({ algorithms }: TrustedIssuer): readonly TokenAlgorithm[] => algorithms ?? DEFAULT_ALGORITHMS;

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

const issuers = new WeakMap<AccessRecord, readonly TrustedIssuer[]>();

/** The issuers of an access record: the same objects each time, so that what is known of their tokens is kept. */
export function issuersOf(access: AccessRecord): readonly TrustedIssuer[] {
  const known = issuers.get(access) ?? access.issuers.map(({ senders, ...issuer }) => issuer);
  issuers.set(access, known);
  return known;
}
