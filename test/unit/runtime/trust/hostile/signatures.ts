import { sign as signBytes } from 'node:crypto';
import { base64Url, ecKey, edKey, KEYS, rsaKey, type TokenWorld } from '../../../../helpers/token-issuer.ts';
import { changed, type Hostile, parts } from './hostile.ts';

const weakKey = rsaKey('weak', 1_024);

/** Signs as ES256 with the signature that `make` gives. */
const ecSigned = (make: (input: Buffer) => Uint8Array) => (world: TokenWorld) => {
  const [header, payload] = parts(world.sign({}, { alg: 'ES256' }, KEYS.p256));
  return `${header}.${payload}.${base64Url(make(Buffer.from(`${header}.${payload}`)))}`;
};
const ORDER_OF_P256 = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

export const hostileSignatures: readonly Hostile[] = [
  [
    'the signature of another token',
    'TokenSignatureInvalid',
    (world) => [...parts(world.sign()).slice(0, 2), parts(world.sign({ sub: 'other' }))[2]].join('.'),
  ],
  [
    'the payload of another token',
    'TokenSignatureInvalid',
    changed(1, (part) => base64Url(Buffer.from(part, 'base64url').toString().replace('orders-service', 'admin'))),
  ],
  ['the header with another kid of the set', 'TokenKeyRefused', (world) => world.sign({}, { kid: 'rsa' })],
  ['a signature by a key that is not in the set', 'TokenSignatureInvalid', (world) => world.sign({}, {}, edKey('ed'))],
  ['a signature of zeros', 'TokenSignatureInvalid', changed(2, () => base64Url(Buffer.alloc(64)))],
  [
    'a longer signature',
    'TokenSignatureInvalid',
    changed(2, (part) => base64Url(Buffer.concat([Buffer.from(part, 'base64url'), Buffer.alloc(1)]))),
  ],
  ['ES256 with r = s = 0', 'TokenSignatureInvalid', ecSigned(() => Buffer.alloc(64))],
  ['ES256 with r = s = the order', 'TokenSignatureInvalid', ecSigned(() => Buffer.concat([ORDER_OF_P256, ORDER_OF_P256]))],
  [
    'ES256 in DER',
    'TokenSignatureInvalid',
    ecSigned((input) => signBytes('sha256', input, { key: KEYS.p256.privateKey, dsaEncoding: 'der' })),
  ],
  [
    'PS256 as RS256',
    'TokenSignatureInvalid',
    (world) => {
      const [header, payload] = parts(world.sign({}, { alg: 'RS256' }, KEYS.rsa));
      return `${header}.${payload}.${base64Url(signBytes('sha256', Buffer.from(`${header}.${payload}`), { key: KEYS.rsa.privateKey, padding: 6, saltLength: 32 }))}`;
    },
  ],
  [
    'RSA of 1,024 bits',
    'TokenKeyRefused',
    (world) => {
      world.published = [weakKey];
      return world.sign({}, { alg: 'RS256' }, weakKey);
    },
  ],
  [
    'RSA with the exponent 1',
    'TokenKeyRefused',
    (world) => {
      world.published = [{ ...KEYS.rsa, jwk: { ...KEYS.rsa.jwk, e: 'AQ' } }];
      return world.sign({}, { alg: 'RS256' }, KEYS.rsa);
    },
  ],
  ['ES256 with a key on P-384', 'TokenKeyRefused', (world) => world.sign({}, { alg: 'ES256', kid: 'p384' }, KEYS.p256)],
  [
    'ES256 with a key on secp256k1',
    'TokenKeyRefused',
    (world) => {
      const key = ecKey('k1', 'secp256k1');
      world.published = [key];
      return world.sign({}, { alg: 'ES256' }, key);
    },
  ],
  ...(
    [
      ['for encryption', { use: 'enc' }],
      ['of another alg', { alg: 'RS256' }],
      ['with other operations', { key_ops: ['sign'] }],
      ['that is private', { ...KEYS.ed.privateKey.export({ format: 'jwk' }) }],
      ['that is no point of its curve', { x: 'AAAA' }],
      ['that is symmetric', { kty: 'oct', k: 'AAAA' }],
    ] as const
  ).map(
    ([what, change]): Hostile => [
      `a key ${what}`,
      'TokenKeyRefused',
      (world) => {
        world.published = [{ ...KEYS.ed, jwk: { ...KEYS.ed.jwk, ...change } }];
        return world.sign();
      },
    ],
  ),
  [
    'a key of another issuer',
    'TokenSignatureInvalid',
    (world) => {
      const other = edKey('ed');
      world.issuers = [...world.issuers, { id: 'other', issuer: 'https://other.test', keys: { jwks: { keys: [other.jwk] } } }];
      return world.sign({}, {}, other);
    },
  ],
];
