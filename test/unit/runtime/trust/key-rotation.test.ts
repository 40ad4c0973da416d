import { afterEach, describe, expect, it, vi } from 'vitest';
import { edKey, KEYS, TokenWorld } from '../../../helpers/token-issuer.ts';

const MINUTE_MS = 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an issuer that rotates its keys', () => {
  it('is asked for a key that is not in the set', async () => {
    const world = new TokenWorld();
    await world.verify(world.sign());
    world.clock.advance(MINUTE_MS);
    const added = edKey('added');
    world.published = [...world.published, added];

    expect(await world.verify(world.sign({}, {}, added))).toMatchObject({ subject: 'orders-service' });
    expect(world.asked).toHaveLength(2);
  });

  it('stops the acceptance of a removed key within ten minutes, for tokens that were verified too', async () => {
    const world = new TokenWorld();
    const token = world.sign({ exp: world.seconds + 3_000 });
    await world.verify(token);
    world.published = [KEYS.rsa];

    world.clock.advance(10 * MINUTE_MS - 1);
    expect(await world.verify(token)).toMatchObject({ subject: 'orders-service' });
    world.clock.advance(1);
    expect(await world.refusal(token)).toMatchObject({ code: 'TokenUnknownKey' });
  });

  it('may put another key under a name: the old tokens are refused', async () => {
    const world = new TokenWorld();
    const token = world.sign({ exp: world.seconds + 3_000 });
    await world.verify(token);
    world.published = [edKey('ed')];
    world.clock.advance(10 * MINUTE_MS);

    expect(await world.refusal(token)).toMatchObject({ code: 'TokenSignatureInvalid' });
  });

  it('costs no signature when its keys are the same again', async () => {
    const world = new TokenWorld();
    const token = world.sign({ exp: world.seconds + 3_000 });
    await world.verify(token);
    const verify = vi.spyOn(crypto.subtle, 'verify');
    world.clock.advance(10 * MINUTE_MS);

    await world.verify(token);

    expect(world.asked).toHaveLength(2);
    expect(verify).not.toHaveBeenCalled();
  });

  it('may remove all of its keys', async () => {
    const world = new TokenWorld();
    world.published = [];

    expect(await world.refusal(world.sign())).toMatchObject({ code: 'TokenUnknownKey' });
  });
});

describe('a key that is not in the set', () => {
  const setUp = async () => {
    const world = new TokenWorld();
    await world.verify(world.sign());
    return { world, added: edKey('added') };
  };

  it('is unknown when the set was fetched after the message was sent', async () => {
    const { world, added } = await setUp();
    world.published = [added];

    expect(await world.refusal(world.sign({}, {}, added))).toMatchObject({ code: 'TokenUnknownKey' });
    expect(world.asked).toHaveLength(1);
  });

  it('makes the message wait when the set is older than it and the issuer was asked a moment ago', async () => {
    const { world, added } = await setUp();
    world.clock.advance(10_000);
    world.published = [added];
    const token = world.sign({}, {}, added);

    expect(await world.refusal(token)).toMatchObject({ name: 'KeysUnavailable' });
    expect(world.asked).toHaveLength(1);
    world.clock.advance(20_000);
    expect(await world.verify(token)).toMatchObject({ subject: 'orders-service' });
  });

  it('makes the message wait when the issuer does not answer, though other keys are kept', async () => {
    const { world, added } = await setUp();
    world.clock.advance(MINUTE_MS);
    world.answer = async () => new Response('', { status: 503 });

    expect(await world.refusal(world.sign({}, {}, added))).toMatchObject({ name: 'KeysUnavailable' });
    expect(await world.verify(world.sign())).toMatchObject({ subject: 'orders-service' });
  });

  it('is unknown when the issuer has answered without it', async () => {
    const { world, added } = await setUp();
    world.clock.advance(MINUTE_MS);

    expect(await world.refusal(world.sign({}, {}, added))).toMatchObject({ code: 'TokenUnknownKey' });
    expect(world.asked).toHaveLength(2);
  });

  it('is not unknown for a set that was asked for before the message was sent', async () => {
    const world = new TokenWorld();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<Response>();
    world.answer = () => {
      asked.resolve();
      return answered.promise;
    };
    const added = edKey('added');
    const earlier = world.verify(world.sign());
    await asked.promise;
    world.clock.advance(1_000);
    const later = world.refusal(world.sign({}, {}, added));
    answered.resolve(Response.json({ keys: [KEYS.ed.jwk] }));

    expect(await earlier).toMatchObject({ subject: 'orders-service' });
    expect(await later).toMatchObject({ name: 'KeysUnavailable' });
  });

  it('is fetched once for messages that come together', async () => {
    const { world, added } = await setUp();
    world.clock.advance(MINUTE_MS);
    world.published = [added];

    await Promise.all([world.verify(world.sign({ jti: 'a' }, {}, added)), world.verify(world.sign({ jti: 'b' }, {}, added))]);

    expect(world.asked).toHaveLength(2);
  });

  it('is never unknown while the issuer does not answer', async () => {
    const { world, added } = await setUp();
    const token = world.sign({}, {}, added);
    const sentAt = world.clock.now();
    world.clock.advance(MINUTE_MS);
    world.answer = async () => new Response('', { status: 503 });

    expect(await world.refusal(token, { sentAt })).toMatchObject({ name: 'KeysUnavailable' });
    expect(await world.refusal(token, { sentAt })).toMatchObject({ name: 'KeysUnavailable' });
  });

  it('is taken from an answer that another message asked for', async () => {
    const { world, added } = await setUp();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<Response>();
    world.answer = () => {
      asked.resolve();
      return answered.promise;
    };
    world.clock.advance(MINUTE_MS);
    const earlier = world.refusal(world.sign({}, { kid: 'none' }));
    await asked.promise;
    world.clock.advance(1_000);
    const later = world.verify(world.sign({}, {}, added));
    answered.resolve(Response.json({ keys: [added.jwk] }));

    expect(await earlier).toMatchObject({ code: 'TokenUnknownKey' });
    expect(await later).toMatchObject({ subject: 'orders-service' });
  });
});
