import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { parseTrustedIssuer } from '../../../../functions/runtime/trust/trusted-issuer.ts';

const issuer = { id: 'idp', issuer: 'https://idp.test', keys: { jwksUri: 'https://idp.test/keys.json' } };

it.each([
  issuer,
  { ...issuer, algorithms: ['ES384'], maxAgeSeconds: 86_400 },
  { ...issuer, keys: { jwksUri: 'http://127.0.0.1:8080/keys' } },
  { ...issuer, keys: { jwksUri: 'http://localhost/keys' } },
  { ...issuer, keys: { jwks: { keys: [{ kty: 'OKP', kid: 'a', x: 'x' }] } } },
])('takes %j', (value) => {
  expect(parseTrustedIssuer(value)).toEqual(value);
});

it.each([
  ['id', { ...issuer, id: '' }],
  ['issuer', { ...issuer, issuer: undefined }],
  ['keys', { ...issuer, keys: {} }],
  ['keys', { ...issuer, keys: { jwksUri: 'https://idp.test/', jwks: { keys: [] } } }],
  ['must begin with https://', { ...issuer, keys: { jwksUri: 'http://idp.test/keys.json' } }],
  ['must begin with https://', { ...issuer, keys: { jwksUri: 'http://localhost.evil.test/' } }],
  ['must not have a user name', { ...issuer, keys: { jwksUri: 'https://idp.test@evil.test/' } }],
  ['must be a URL', { ...issuer, keys: { jwksUri: 'keys.json' } }],
  ['must be a public key', { ...issuer, keys: { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }] } } }],
  ['algorithms', { ...issuer, algorithms: [] }],
  ['algorithms.0', { ...issuer, algorithms: ['HS256'] }],
  ['algorithms.0', { ...issuer, algorithms: ['none'] }],
  ['maxAgeSeconds', { ...issuer, maxAgeSeconds: 86_401 }],
  ['maxAgeSeconds', { ...issuer, maxAgeSeconds: Number.NaN }],
  ['audience', { ...issuer, audience: 'x' }],
])('refuses an issuer for its %s', (field, value) => {
  expect(() => parseTrustedIssuer(value)).toThrow(field);
});

it('jose is loaded by the first token that gets as far as its signature', () => {
  const { metafile } = buildSync({
    entryPoints: [join(import.meta.dirname, '../../../../functions/runtime/trust/verify-signature.ts')],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    outdir: 'out',
  });
  const withJose = Object.values(metafile.outputs).filter(({ inputs }) => Object.keys(inputs).some((path) => path.includes('/jose/')));
  const atStart = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint?.endsWith('trust/verify-signature.ts'));

  expect(withJose.length).toBeGreaterThan(0);
  expect(withJose).not.toContain(atStart);
  expect(atStart?.imports.filter(({ kind, path }) => kind === 'import-statement' && /compact|verify/.test(path))).toEqual([]);
});
