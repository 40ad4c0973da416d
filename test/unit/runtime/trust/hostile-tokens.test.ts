import { expect, it } from 'vitest';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { ISSUER, KEYS, TokenWorld } from '../../../helpers/token-issuer.ts';
import { hostileClaims } from './hostile/claims.ts';
import { hostileForms, hostileJson } from './hostile/forms.ts';
import { hostileHeaders } from './hostile/headers.ts';
import { hostileSignatures } from './hostile/signatures.ts';

const hostileTokens = [...hostileForms, ...hostileJson, ...hostileHeaders, ...hostileClaims, ...hostileSignatures];

/** What the text has of the token: any eight characters in a row of its parts, or the claims' own values. */
function leaks(text: string, token: string): string[] {
  const pieces = token.split('.').flatMap((part) => part.match(/.{8}/gs) ?? []);
  return [...pieces.slice(0, 1_000), ISSUER, 'orders-service', '7b1c9f0e-token', 'admin', 'evil'].filter((piece) => text.includes(piece));
}

it.each(hostileTokens)('%s is refused as %s', async (_, code, make) => {
  const world = new TokenWorld();
  const token = make(world);

  const refusal = await world.refusal(token);

  expect(refusal).toBeInstanceOf(PermanentError);
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(/^(token|the token)\b.+: .+/) });
  expect(leaks(String(refusal), token ?? '')).toEqual([]);
  // Refused again when it is sent again: nothing of it is kept.
  expect(await world.refusal(token)).toMatchObject({ code });
});

it('a token for one agent is refused by another', async () => {
  const world = new TokenWorld();
  const token = world.sign();
  await world.verify(token);

  expect(await world.refusal(token, { audience: 'posthorn-test/billing' })).toMatchObject({
    code: 'TokenAudienceMismatch',
    message: 'token claim aud: must be or contain posthorn-test/billing: ask the issuer for a token for this agent',
  });
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5])('no token is good for a message of which the time is unknown (%s)', async (sentAt) => {
  const world = new TokenWorld();

  expect(await world.refusal(world.sign(), { sentAt })).toBeInstanceOf(TypeError);
});

it('hostile tokens make the issuer answer once in 30 s at most', async () => {
  const world = new TokenWorld();

  for (let index = 0; index < 100; index++) {
    await world.refusal(world.sign({}, { kid: `no-key-${index}` }));
    world.clock.advance(1_000);
  }

  expect(world.asked.map((at, index) => at - (world.asked[index - 1] ?? 0)).slice(1)).toEqual([30_000, 30_000, 30_000]);
});

it('a token that is refused before its signature does not make the issuer answer', async () => {
  const world = new TokenWorld();

  await world.refusal(world.sign({ aud: 'other' }));
  await world.refusal(world.sign({ exp: 0 }, {}, KEYS.rsa));

  expect(world.asked).toEqual([]);
});
