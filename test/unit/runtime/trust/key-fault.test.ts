import { expect, it } from 'vitest';
import { keyFault, keySchema } from '../../../../functions/runtime/trust/key-fault.ts';
import { KEYS, rsaKey, type SigningKey } from '../../../helpers/token-issuer.ts';

const faultOf = ({ jwk }: SigningKey, changes: object, algorithm: Parameters<typeof keyFault>[1]) =>
  keyFault(keySchema.parse({ ...jwk, ...changes }), algorithm);

it.each([
  ['is not a public key', KEYS.ed, { d: 'AAAA' }],
  ['is not a public key', KEYS.ed, { kty: 'oct', k: 'AAAA' }],
  ['must have kty OKP', KEYS.rsa, {}],
  ['must have crv Ed25519', KEYS.ed, { crv: 'X25519' }],
  ['must have crv Ed25519', KEYS.ed, { crv: '' }],
  ['must have use sig or none', KEYS.ed, { use: 'enc' }],
  ['must have verify in key_ops or no key_ops', KEYS.ed, { key_ops: [] }],
  ['must have the alg of the token or none', KEYS.ed, { alg: 'ES256' }],
  [undefined, KEYS.ed, { use: 'sig', key_ops: ['verify'], alg: 'EdDSA' }],
])('%s, for EdDSA', (fault, key, changes) => {
  expect(faultOf(key, changes, 'EdDSA')).toBe(fault);
});

it.each([
  ['must have 2048 bits or more', rsaKey('weak', 2_040), {}],
  ['must have 2048 bits or more', KEYS.rsa, { n: '' }],
  // 2,048 bits, of which the first eight are zero.
  ['must have 2048 bits or more', KEYS.rsa, { n: Buffer.alloc(256, 255).fill(0, 0, 1).toString('base64url') }],
  ['must have an exponent of 3 or more', KEYS.rsa, { e: 'AQ' }],
  ['must have an exponent of 3 or more', KEYS.rsa, { e: '' }],
  [undefined, KEYS.rsa, {}],
])('%s, for RS256', (fault, key, changes) => {
  expect(faultOf(key, changes, 'RS256')).toBe(fault);
});

it.each(['ES256', 'ES384', 'ES512'] as const)('%s needs its own curve', (algorithm) => {
  const faults = [KEYS.p256, KEYS.p384, KEYS.p521].map((key) => faultOf(key, {}, algorithm));

  expect(faults.filter((fault) => fault === undefined)).toHaveLength(1);
});
