import { createHash } from 'node:crypto';
import type { IssuerPolicy, Sent } from '../history.ts';

/** What may be wrong with the token of a message, whoever may send; the code as the error queue has it. */
export type TokenFault =
  | 'TokenMissing'
  | 'TokenMalformed'
  | 'TokenIssuerUnknown'
  | 'TokenAudienceMismatch'
  | 'TokenExpired'
  | 'TokenNotYetValid'
  | 'TokenLifetimeTooLong'
  | 'TokenUnknownKey'
  | 'TokenSignatureInvalid'
  | 'TokenSenderMismatch';

/**
 * What is wrong with the token of a message at the time at which it was sent.
 *
 * @param audience that the token must be for
 * @param subject that it must be of
 */
export function tokenFault(
  { attributes, at }: Pick<Sent, 'attributes'> & { readonly at: number },
  audience: string,
  subject: string,
  policy: IssuerPolicy,
): TokenFault | undefined {
  const token = attributes.authorization?.replace(/^Bearer /, '');
  if (token === undefined) return 'TokenMissing';
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  const { kid } = objectIn(header) ?? {};
  const claims = objectIn(payload);
  if (claims === undefined || typeof kid !== 'string' || signature === '' || rest.length > 0) return 'TokenMalformed';
  const { iss, sub, aud } = claims;
  const [iat, exp] = [Number(claims.iat) * 1_000, Number(claims.exp) * 1_000];
  if (iss !== policy.issuer) return 'TokenIssuerUnknown';
  if (aud !== audience) return 'TokenAudienceMismatch';
  if (at >= exp + policy.toleranceMs) return 'TokenExpired';
  if (iat > at + policy.toleranceMs) return 'TokenNotYetValid';
  if (exp - iat > policy.maxAgeSeconds * 1_000) return 'TokenLifetimeTooLong';
  if (!policy.keyIds.test(kid)) return 'TokenUnknownKey';
  if (createHash('sha256').update(`${policy.secret} ${header}.${payload}`).digest('base64url') !== signature)
    return 'TokenSignatureInvalid';
  return sub === subject ? undefined : 'TokenSenderMismatch';
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    return undefined;
  }
}
