import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { KeysUnavailable } from '../../../../functions/runtime/trust/keys-unavailable.ts';
import { verifySignature } from '../../../../functions/runtime/trust/verify-signature.ts';
import { TokenVerifier } from '../../../../functions/runtime/trust/verify-token.ts';
import { AUDIENCE, ISSUER, KEYS, TokenWorld } from '../../../helpers/token-issuer.ts';

const HOUR_MS = 3_600_000;

const text = (body: string, init?: ResponseInit) => async () => new Response(body, init);
const oneKey = JSON.stringify({ keys: [KEYS.ed.jwk] });

describe('an issuer whose keys cannot be had', () => {
  it.each<[what: string, why: string, answer: () => Promise<Response>]>([
    ['does not answer', 'fetch failed', async () => Promise.reject(new TypeError('fetch failed'))],
    ['answers 503', 'HTTP 503', text('', { status: 503 })],
    ['answers 404', 'HTTP 404', text(oneKey, { status: 404 })],
    ['answers 204', 'HTTP 204', async () => new Response(null, { status: 204 })],
    ['redirects', 'HTTP 302', async () => new Response(null, { status: 302, headers: { location: 'https://evil.test' } })],
    [
      'was redirected',
      'the address redirects, which is not followed',
      async () => Object.defineProperty(new Response(oneKey), 'redirected', { value: true }),
    ],
    ['answers HTML', 'is not safe JSON', text('<html>')],
    ['answers an array', 'is not a JSON Web Key Set (the value: ', text('[]')],
    ['answers keys that are no array', 'is not a JSON Web Key Set (keys: ', text('{"keys":{}}')],
    ['answers JSON with __proto__', 'is not safe JSON', text('{"__proto__":{},"keys":[]}')],
    ['answers bytes', 'not valid', async () => new Response(Buffer.from([0xff, 0xfe]))],
    ['answers more than 256 KB', 'longer than 262144 bytes', text(`${oneKey}${' '.repeat(262_144)}`)],
  ])('%s: the message is not at fault', async (_, why, answer) => {
    const world = new TokenWorld();
    world.answer = answer;

    const thrown = await world.refusal(world.sign());

    expect(thrown).toBeInstanceOf(KeysUnavailable);
    expect(thrown).toMatchObject({ name: 'KeysUnavailable', cause: expect.any(Error) });
    expect(String(thrown)).toContain(why);
    expect(String(thrown)).toContain('https://idp.test/keys.json');
    expect(String(thrown)).not.toContain('secret');
  });

  it('is given three seconds, and the request is aborted', async () => {
    const world = new TokenWorld();
    let signal: AbortSignal | null | undefined;
    const asked = Promise.withResolvers<void>();
    world.answer = (_, init) => {
      signal = init.signal;
      asked.resolve();
      return new Promise(() => {});
    };
    const refusal = world.refusal(world.sign());
    await asked.promise;

    world.clock.advance(3_000);

    expect(await refusal).toMatchObject({ name: 'KeysUnavailable' });
    expect(signal?.aborted).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('is given three seconds for all of its answer', async () => {
    const world = new TokenWorld();
    const asked = Promise.withResolvers<void>();
    world.answer = async () => new Response(new ReadableStream({ pull: () => asked.resolve() }));
    const refusal = world.refusal(world.sign());
    await asked.promise;

    world.clock.advance(3_000);

    expect(String(await refusal)).toContain('no answer in 3000 ms');
  });

  it('is asked once by messages that come together', async () => {
    const world = new TokenWorld();

    const verified = await Promise.all(Array.from({ length: 10 }, (_, index) => world.verify(world.sign({ jti: `token-${index}` }))));

    expect(new Set(verified.map(({ tokenId }) => tokenId)).size).toBe(10);
    expect(world.asked).toHaveLength(1);
  });

  it('that fails is asked once by messages that come together, and again after 30 s', async () => {
    const world = new TokenWorld();
    world.answer = text('', { status: 500 });

    await Promise.all(Array.from({ length: 10 }, () => world.refusal(world.sign())));
    expect(await world.refusal(world.sign())).toMatchObject({ name: 'KeysUnavailable' });
    expect(world.asked).toHaveLength(1);
    world.clock.advance(30_000);
    world.answer = undefined;

    expect(await world.verify(world.sign())).toMatchObject({ subject: 'orders-service' });
    expect(world.asked).toHaveLength(2);
  });

  it('keeps its last good keys for 24 hours', async () => {
    const world = new TokenWorld();
    await world.verify(world.sign());
    world.answer = text('', { status: 503 });

    world.clock.advance(24 * HOUR_MS - 1);
    expect(await world.verify(world.sign())).toMatchObject({ subject: 'orders-service' });
    world.clock.advance(1);
    expect(await world.refusal(world.sign())).toMatchObject({ name: 'KeysUnavailable' });
  });

  it('does not make every message wait while its last good keys are used', async () => {
    const world = new TokenWorld();
    await world.verify(world.sign());
    world.answer = text('', { status: 503 });
    world.clock.advance(HOUR_MS);

    for (let index = 0; index < 10; index++) await world.verify(world.sign());

    expect(world.asked).toHaveLength(2);
  });

  it('has keys in the settings that are no keys: the message waits for somebody to mend them', async () => {
    const world = new TokenWorld();
    const notKeys = JSON.parse('{"keys":5}');
    world.issuers = [{ id: 'own', issuer: ISSUER, keys: { jwks: notKeys } }];

    expect(await world.refusal(world.sign())).toMatchObject({ name: 'KeysUnavailable', message: expect.stringContaining('own') });
  });

  it.each(['http://idp.test/keys.json', 'file:///etc/keys', 'https://user:hunter2@idp.test/', 'keys.json'])(
    'has an address that is not asked: %s',
    async (jwksUri) => {
      const world = new TokenWorld();
      world.issuers = [{ id: 'idp', issuer: ISSUER, keys: { jwksUri } }];

      expect(await world.refusal(world.sign())).toMatchObject({
        name: 'KeysUnavailable',
        message: expect.not.stringContaining('hunter2'),
      });
      expect(world.asked).toEqual([]);
    },
  );
});

const portSchema = z.object({ port: z.number() });

it('the keys come over HTTP, and no redirect is followed', async () => {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    if (request.url === '/keys') response.end(oneKey);
    else response.writeHead(302, { location: '/keys' }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = portSchema.parse(server.address());
  const world = new TokenWorld();
  const verifier = new TokenVerifier({ clock: world.clock, fetch, verifySignature });
  const verify = (path: string) =>
    verifier.verify(world.sign(), {
      audience: AUDIENCE,
      sentAt: world.clock.now(),
      issuers: [{ id: 'idp', issuer: ISSUER, keys: { jwksUri: `http://127.0.0.1:${port}${path}` } }],
    });

  const [direct, redirected] = await Promise.allSettled([verify('/keys'), verify('/moved')]);
  server.close();
  expect(paths.toSorted()).toEqual(['/keys', '/moved']);

  expect(direct).toMatchObject({ status: 'fulfilled', value: { subject: 'orders-service' } });
  expect(redirected).toMatchObject({ status: 'rejected', reason: { name: 'KeysUnavailable' } });
});
