import { expect, it } from 'vitest';
import { describeIssues } from '../../../events/describe-issues.ts';
import { issuerSchema } from '../../../events/issuer.ts';

const issuer = { id: 'idp', issuer: 'https://idp.test', keys: { jwksUri: 'https://idp.test/keys.json' }, senders: 'subject' };

it.each([
  issuer,
  { ...issuer, algorithms: ['ES384'], maxAgeSeconds: 86_400 },
  { ...issuer, keys: { jwksUri: 'http://127.0.0.1:8080/keys' } },
  { ...issuer, keys: { jwksUri: 'http://localhost/keys' } },
  { ...issuer, keys: { jwks: { keys: [{ kty: 'OKP', kid: 'a', x: 'x' }] } } },
])('takes %j', (value) => {
  expect(issuerSchema.parse(value)).toEqual(value);
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
])('refuses an issuer for its %s', (field, value) => {
  const { error } = issuerSchema.safeParse(value);

  expect(error && describeIssues(error, value)).toContain(field);
});
