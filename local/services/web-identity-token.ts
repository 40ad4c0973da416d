import { randomUUID } from 'node:crypto';
import type { Place } from '../template/resource-types.ts';
import type { Caller } from './identities.ts';
import type { SigningAlgorithm } from './signing-key-file.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenRequest {
  readonly audience: readonly string[];
  readonly durationSeconds: number;
  readonly algorithm: SigningAlgorithm;
  readonly tags: Readonly<Record<string, string>>;
}

/** AWS's own claims are in an object of this name. */
const NAMESPACE = 'https://sts.amazonaws.com/';
const ISSUER_PATH = '/sts-issuer';
export const JWKS_PATH = `${ISSUER_PATH}/.well-known/jwks.json`;
export const DISCOVERY_PATH = `${ISSUER_PATH}/.well-known/openid-configuration`;

/**
 * A token that tells who the caller is.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
 */
export async function webIdentityToken(
  { audience, durationSeconds, algorithm, tags }: TokenRequest,
  { caller, keys, place }: { readonly caller: Caller; readonly keys: SigningKeys; readonly place: Place },
): Promise<{ readonly token: string; readonly expiration: Date }> {
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + durationSeconds;
  const claims = {
    iss: `${place.endpoint}${ISSUER_PATH}`,
    sub: caller.principalArn,
    aud: audience.length === 1 ? audience[0] : audience,
    iat: issuedAt,
    exp: expiresAt,
    jti: randomUUID(),
    [NAMESPACE]: {
      aws_account: place.accountId,
      source_region: place.region,
      principal_id: caller.principalArn,
      ...(caller.functionArn !== undefined && { lambda_source_function_arn: caller.functionArn }),
      ...(Object.keys(tags).length > 0 && { request_tags: tags }),
    },
  };
  return { token: await keys.signToken(claims, algorithm), expiration: new Date(expiresAt * 1000) };
}

/** OpenID Connect Discovery 1.0: where the keys of the issuer are. */
export function discoveryDocument({ endpoint }: Place): object {
  return {
    issuer: `${endpoint}${ISSUER_PATH}`,
    jwks_uri: `${endpoint}${JWKS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES384'],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'exp', 'jti', NAMESPACE],
  };
}
