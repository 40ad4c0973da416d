import { afterEach, describe, expect, it, vi } from 'vitest';
import { AUDIENCE, ecKey, ISSUER, KEYS, rsaKey, TokenWorld } from '../../../helpers/token-issuer.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a token of a trusted issuer', () => {
  it('comes back as its subject, its claims and its end', async () => {
    const world = new TokenWorld();

    const verified = await world.verify(world.sign({ groups: ['a'], nbf: world.seconds }));

    expect(verified).toEqual({
      issuerId: 'idp',
      issuer: ISSUER,
      subject: 'orders-service',
      tokenId: '7b1c9f0e-token',
      expiresAt: world.clock.now() + 300_000,
      claims: world.claims({ groups: ['a'], nbf: world.seconds }),
    });
  });

  it.each([
    ['RS256', KEYS.rsa],
    ['RS384', KEYS.rsa],
    ['RS512', KEYS.rsa],
    ['PS256', KEYS.rsa],
    ['PS384', KEYS.rsa],
    ['PS512', KEYS.rsa],
    ['ES256', KEYS.p256],
    ['ES384', KEYS.p384],
    ['ES512', KEYS.p521],
    ['EdDSA', KEYS.ed],
    ['Ed25519', KEYS.ed],
  ] as const)('is taken with %s where the issuer signs so', async (alg, key) => {
    const world = new TokenWorld();
    world.issuers = world.issuers.map((issuer) => ({ ...issuer, algorithms: [alg] }));

    expect(await world.verify(world.sign({}, { alg }, key))).toMatchObject({ subject: 'orders-service' });
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT'])('is taken with typ %s', async (typ) => {
    const world = new TokenWorld();

    expect(await world.verify(world.sign({}, { typ }))).toMatchObject({ issuerId: 'idp' });
  });

  it.each([
    ['an audience among several', { aud: ['other', AUDIENCE] }],
    ['the longest subject', { sub: 's'.repeat(256) }],
    ['a subject in another script', { sub: 'Größenprüfung 注文 🙂' }],
    ['a subject that is a distinguished name', { sub: 'CN=orders, O=Example' }],
    ['claims that repeat names at other depths', { a: { sub: 1, b: [{ sub: 2 }, { sub: 3 }] } }],
    ['claims that repeat the names of claims before them', { a: { sub: 1 }, b: [{ a: [] }, { a: {} }], c: [[], {}] }],
    ['claims that look like keys', { note: '{"sub": "x", "sub": "y"}', more: ['sub', 'sub'] }],
  ])('is taken with %s', async (_, changes) => {
    const world = new TokenWorld();

    expect(await world.verify(world.sign(changes))).toMatchObject({ claims: changes });
  });

  it('is taken with keys that are in the settings', async () => {
    const world = new TokenWorld();
    world.issuers = [{ id: 'own', issuer: ISSUER, keys: { jwks: { keys: [KEYS.ed.jwk] } } }];

    expect(await world.verify(world.sign())).toMatchObject({ issuerId: 'own' });
    expect(world.asked).toEqual([]);
  });

  it('is taken when another key has the name, and a set has members of other kinds', async () => {
    const world = new TokenWorld();
    const members = [null, 5, { kty: 'RSA' }, { kty: 'AKP', kid: 'ed', pub: 'x' }, rsaKey('ed').jwk, ecKey('ed', 'P-384').jwk, KEYS.ed.jwk];
    world.answer = async () => Response.json({ keys: members });

    expect(await world.verify(world.sign())).toMatchObject({ subject: 'orders-service' });
  });

  it('cannot be changed by one of the messages that share it', async () => {
    const world = new TokenWorld();
    const { claims } = await world.verify(world.sign({ groups: ['a'] }));

    expect(() => Reflect.apply(Array.prototype.push, claims.groups, ['admin'])).toThrow(TypeError);
    expect(Reflect.set(claims, 'sub', 'admin')).toBe(false);
  });
});

describe('the time that counts', () => {
  it('is when the message was sent: a token that was good then stays good in the queue', async () => {
    const world = new TokenWorld();
    const sentAt = world.clock.now();
    const token = world.sign();
    world.clock.advance(3 * 86_400_000);

    expect(await world.verify(token, { sentAt })).toMatchObject({ subject: 'orders-service' });
    expect(await world.refusal(token)).toMatchObject({ code: 'TokenExpired' });
  });

  it.each([
    ['exp, 29 s ago', { exp: -29, iat: -100 }],
    ['iat, in 30 s', { iat: 30, exp: 100 }],
    ['nbf, in 30 s', { nbf: 30 }],
    ['the longest lifetime', { iat: 0, exp: 3_600 }],
    ['the longest age', { iat: -3_629, exp: -29 }],
  ])('may be off by 30 s: %s', async (_, times) => {
    const world = new TokenWorld();
    const changes = Object.fromEntries(Object.entries(times).map(([claim, seconds]) => [claim, world.seconds + seconds]));

    expect(await world.verify(world.sign(changes))).toMatchObject({ subject: 'orders-service' });
  });
});

describe('a token that was verified before', () => {
  const verifications = () => vi.spyOn(crypto.subtle, 'verify');

  it('is looked up: no signature is verified, no JSON parsed, no key fetched', async () => {
    const world = new TokenWorld();
    const token = world.sign();
    const first = await world.verify(token);
    const verify = verifications();
    const parse = vi.spyOn(JSON, 'parse');

    expect(await world.verify(token)).toBe(first);

    expect(verify).not.toHaveBeenCalled();
    expect(parse).not.toHaveBeenCalled();
    expect(world.asked).toHaveLength(1);
  });

  it('is verified for each audience, and refused to the wrong one', async () => {
    const world = new TokenWorld();
    const token = world.sign({ aud: [AUDIENCE, 'posthorn-test/billing'] });
    const verify = verifications();

    await world.verify(token);
    await world.verify(token, { audience: 'posthorn-test/billing' });

    expect(verify).toHaveBeenCalledTimes(2);
    expect(await world.refusal(token, { audience: 'posthorn-test/shipping' })).toMatchObject({ code: 'TokenAudienceMismatch' });
  });

  it.each([
    ['TokenExpired', 331],
    ['TokenNotYetValid', -41],
  ])('is refused as %s to a message that was sent at another time', async (code, seconds) => {
    const world = new TokenWorld();
    const token = world.sign();
    await world.verify(token);
    const verify = verifications();

    expect(await world.refusal(token, { sentAt: world.clock.now() + seconds * 1_000 })).toMatchObject({ code });
    expect(await world.verify(token)).toMatchObject({ subject: 'orders-service' });
    expect(verify).not.toHaveBeenCalled();
  });

  it('is forgotten when it ends', async () => {
    const world = new TokenWorld();
    const sentAt = world.clock.now();
    const token = world.sign();
    await world.verify(token);
    const verify = verifications();
    world.clock.advance(300_000);

    await world.verify(token, { sentAt });
    await world.verify(token, { sentAt });

    expect(verify).toHaveBeenCalledTimes(2);
  });

  it('is judged anew when the settings of its issuer change', async () => {
    const world = new TokenWorld();
    const token = world.sign();
    await world.verify(token);
    const original = world.issuers;

    world.issuers = original.map((issuer) => ({ ...issuer, algorithms: ['RS256'] }));
    expect(await world.refusal(token)).toMatchObject({ code: 'TokenAlgorithmRefused' });
    world.issuers = original.map((issuer) => ({ ...issuer, maxAgeSeconds: 60 }));
    expect(await world.refusal(token)).toMatchObject({ code: 'TokenLifetimeTooLong' });
    world.issuers = [];
    expect(await world.refusal(token)).toMatchObject({ code: 'TokenIssuerUnknown' });
    world.issuers = original;
    expect(await world.verify(token)).toMatchObject({ subject: 'orders-service' });
  });

  it('is looked up when the settings were read again and are the same', async () => {
    const world = new TokenWorld();
    const token = world.sign();
    await world.verify(token);
    const verify = verifications();

    world.issuers = structuredClone(world.issuers);
    await world.verify(token);

    expect(verify).not.toHaveBeenCalled();
  });

  it('gives way to newer ones: a thousand are kept', async () => {
    const world = new TokenWorld();
    const tokens = Array.from({ length: 1_001 }, (_, index) => world.sign({ jti: `token-${index}` }));
    for (const token of tokens) await world.verify(token);
    const verify = verifications();

    for (const token of tokens.slice(1)) await world.verify(token);
    expect(verify).not.toHaveBeenCalled();
    await world.verify(tokens[0]);
    expect(verify).toHaveBeenCalledTimes(1);
  });
});
