import { createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import type { Fetch } from '../../functions/runtime/ports.ts';
import type { TrustedIssuer } from '../../functions/runtime/trust/trusted-issuer.ts';
import { verifySignature } from '../../functions/runtime/trust/verify-signature.ts';
import { TokenVerifier } from '../../functions/runtime/trust/verify-token.ts';
import { ManualClock } from './memory-ports.ts';

export const AUDIENCE = 'posthorn-test/greeting';
export const ISSUER = 'https://idp.test';
export const JWKS_URI = 'https://idp.test/keys.json?secret=1';

type Claims = Readonly<Record<string, unknown>>;

/** A key of an issuer. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

const signingKey = (privateKey: KeyObject, kid: string): SigningKey => ({
  privateKey,
  jwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid },
});

export const rsaKey = (kid: string, modulusLength = 2_048): SigningKey =>
  signingKey(generateKeyPairSync('rsa', { modulusLength }).privateKey, kid);
export const ecKey = (kid: string, namedCurve: string): SigningKey => signingKey(generateKeyPairSync('ec', { namedCurve }).privateKey, kid);
export const edKey = (kid: string): SigningKey => signingKey(generateKeyPairSync('ed25519').privateKey, kid);

/** One key for each kind. They take a second to make, so the tests share them. */
export const KEYS = {
  rsa: rsaKey('rsa'),
  p256: ecKey('p256', 'P-256'),
  p384: ecKey('p384', 'P-384'),
  p521: ecKey('p521', 'P-521'),
  ed: edKey('ed'),
} as const;

export const base64Url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');

/** A signature as a token of this algorithm has it. */
export function signatureOf(input: string, { privateKey }: SigningKey, alg: string): string {
  if (alg === 'EdDSA' || alg === 'Ed25519') return base64Url(signBytes(null, Buffer.from(input), privateKey));
  const pss = alg.startsWith('PS') ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 } : {};
  const options = { key: privateKey, dsaEncoding: 'ieee-p1363' as const, ...pss };
  return base64Url(signBytes(`sha${alg.slice(2)}`, Buffer.from(input), options));
}

/** A token of any header and payload, be they JSON or not. */
export function signRaw(header: string | Uint8Array, payload: string | Uint8Array, key: SigningKey = KEYS.ed, alg = 'EdDSA'): string {
  const input = `${base64Url(header)}.${base64Url(payload)}`;
  return `${input}.${signatureOf(input, key, alg)}`;
}

/** A clock, an address of keys, and a verifier that trusts it. Every token is good but for what a test changes. */
export class TokenWorld {
  readonly clock = new ManualClock();
  /** What the address publishes. */
  published: readonly SigningKey[] = Object.values(KEYS);
  /** Replaces the answer of the address. */
  answer: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Times at which the address was asked. */
  readonly asked: number[] = [];
  readonly verifier: TokenVerifier;
  issuers: readonly TrustedIssuer[] = [{ id: 'idp', issuer: ISSUER, keys: { jwksUri: JWKS_URI } }];

  constructor() {
    const fetch: Fetch = async (url, init) => {
      this.asked.push(this.clock.now());
      if (this.answer !== undefined) return this.answer(url, init);
      return Response.json({ keys: this.published.map(({ jwk }) => jwk) });
    };
    this.verifier = new TokenVerifier({ clock: this.clock, fetch, verifySignature });
  }

  get seconds(): number {
    return Math.floor(this.clock.now() / 1_000);
  }

  claims(changes: Claims = {}): Claims {
    return {
      iss: ISSUER,
      sub: 'orders-service',
      aud: AUDIENCE,
      jti: '7b1c9f0e-token',
      iat: this.seconds - 10,
      exp: this.seconds + 300,
      ...changes,
    };
  }

  /** A member that is `undefined` is left out. */
  sign(changes: Claims = {}, header: Claims = {}, key: SigningKey = KEYS.ed): string {
    const fullHeader = { alg: 'EdDSA', typ: 'JWT', kid: key.jwk.kid, ...header };
    return signRaw(JSON.stringify(fullHeader), JSON.stringify(this.claims(changes)), key, String(fullHeader.alg));
  }

  verify(token: string | undefined, { sentAt = this.clock.now(), audience = AUDIENCE } = {}) {
    return this.verifier.verify(token, { audience, sentAt, issuers: this.issuers });
  }

  /** @returns what the verifier throws, `undefined` when it takes the token */
  async refusal(token: string | undefined, use?: { readonly sentAt?: number; readonly audience?: string }): Promise<unknown> {
    return this.verify(token, use).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}
