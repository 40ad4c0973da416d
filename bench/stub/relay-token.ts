import { createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { relayAccess } from '../relay-access.ts';

const ISSUER = 'https://issuer.bench.test';
const KEY_ID = 'bench';

/** A token of the size and algorithm that AWS issues, and the key that verifies it. */
export interface RelayToken {
  readonly token: string;
  readonly jwk: JsonWebKey;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** For the benchmark's agent, good for a day. */
export function relayToken(): RelayToken {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const seconds = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: ISSUER,
    sub: 'arn:aws:iam::111122223333:role/shop-production-checkout',
    aud: `posthorn-bench/${relayAccess.agent}`,
    iat: seconds - 60,
    exp: seconds + 86_000,
    jti: '3f0c3b52-1a7e-4a86-9c5e-0a8f5c0f5b11',
    'https://sts.amazonaws.com/': { aws_account: '111122223333', source_region: 'us-east-1', org_id: 'o-abc1234567' },
  };
  const input = `${encoded({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${encoded(claims)}`;
  const token = `${input}.${createSign('sha256').update(input).sign(privateKey, 'base64url')}`;
  return { token, jwk: { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' } };
}

/** The access record that trusts the token. */
export const accessWith = ({ jwk }: RelayToken) => ({
  ...relayAccess,
  needsToken: true,
  issuers: [{ id: 'bench', issuer: ISSUER, keys: { jwks: { keys: [jwk] } }, senders: 'subject', maxAgeSeconds: 86_400 }],
});

/** STS's answer to GetWebIdentityToken. */
export const tokenAnswer = (token: string): string =>
  `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult><WebIdentityToken>${token}</WebIdentityToken><Expiration>${new Date(Date.now() + 900_000).toISOString()}</Expiration></GetWebIdentityTokenResult><ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></GetWebIdentityTokenResponse>`;
