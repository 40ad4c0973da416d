import { describe, expect, test } from 'vitest';
import type { AccessRecord, Principal } from '../../../events/access-record.ts';
import { Interrupted } from '../../../functions/runtime/failure/interrupted.ts';
import { AccessCache } from '../../../functions/runtime/trust/access-cache.ts';
import { authorize } from '../../../functions/services/authorizer/authorize.ts';
import { authorizerAnswer } from '../../../functions/services/authorizer/authorizer-answer.ts';
import { requesterOf } from '../../../functions/services/authorizer/requester-of.ts';
import { AUDIENCE, edKey, ISSUER, JWKS_URI, TokenWorld } from '../../helpers/token-issuer.ts';
import { hostileClaims } from '../runtime/trust/hostile/claims.ts';
import { hostileForms, hostileJson } from '../runtime/trust/hostile/forms.ts';
import { hostileHeaders } from '../runtime/trust/hostile/headers.ts';
import { hostileSignatures } from '../runtime/trust/hostile/signatures.ts';

const hostileTokens = [...hostileForms, ...hostileJson, ...hostileHeaders, ...hostileClaims, ...hostileSignatures];

const holder = (subject: string, grants: Principal['grants'] = { read: 'role:observer' }) => ({
  ...{ issuer: 'idp', subject, name: `subject:idp ${subject}`, sources: [], onBehalfOf: false, grants },
});

const RECORD: AccessRecord = {
  agent: 'mesh-edge',
  needsToken: true,
  actions: {},
  principals: {},
  tokenHolders: [holder('orders-service')],
  issuers: [{ id: 'idp', issuer: ISSUER, keys: { jwksUri: JWKS_URI }, senders: [] }],
};

/** An authorizer whose registry a test changes and switches off. The audience is that of the hostile tokens. */
class AuthorizerWorld extends TokenWorld {
  record: AccessRecord | undefined = RECORD;
  isDown = false;
  reads = 0;
  readonly access = new AccessCache('mesh-edge', {
    registry: {
      readAccess: async () => {
        this.reads++;
        if (this.isDown) throw new Error('down');
        return this.record;
      },
    },
    clock: this.clock,
    logger: { warn: () => undefined },
  });

  authorize(authorization: string) {
    const { access, verifier, clock } = this;
    return authorize(authorization, { access, verifier, clock, audience: AUDIENCE });
  }
}

describe('a request', () => {
  test('is allowed to the holder of a token whom a rule allows to read', async () => {
    const world = new AuthorizerWorld();

    for (const scheme of ['Bearer', 'bearer', 'BEARER '])
      expect(await world.authorize(`${scheme} ${world.sign()}`)).toEqual({
        ...{ kind: 'allowed', rule: 'role:observer' },
        requester: { name: 'subject:idp orders-service', grants: { read: 'role:observer' } },
      });
  });

  test.each<[string, Partial<AccessRecord>]>([
    ['nothing names', { tokenHolders: [] }],
    ['a role with another action names', { tokenHolders: [holder('orders-service', { write: 'role:writer' })] }],
    ['only another issuer names', { tokenHolders: [{ ...holder('orders-service'), issuer: 'other' }] }],
    ['another spelling names', { tokenHolders: [holder('Orders-Service')] }],
  ])('is forbidden to the holder of a valid token whom %s', async (_, changes) => {
    const world = new AuthorizerWorld();
    world.record = { ...RECORD, ...changes };

    expect(await world.authorize(`Bearer ${world.sign()}`)).toMatchObject({
      kind: 'forbidden',
      requester: { name: 'subject:idp orders-service' },
      refusal: {
        code: 'Forbidden',
        message:
          "subject:idp orders-service may not do 'read' at 'mesh-edge': no rule allows it: add the action to a role of the sender in the policy",
      },
    });
  });

  // In a header, more than one space may follow the scheme.
  test.each(hostileTokens.filter(([what]) => what !== 'a space in front'))('with %s is unauthorized', async (_, _code, make) => {
    const world = new AuthorizerWorld();

    expect(await world.authorize(`Bearer ${make(world) ?? ''}`)).toMatchObject({ kind: 'unauthorized' });
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b'])('with the header %j is unauthorized', async (header) => {
    expect(await new AuthorizerWorld().authorize(header)).toMatchObject({ kind: 'unauthorized', refusal: { code: 'TokenMissing' } });
  });

  test('with a token without its scheme is unauthorized', async () => {
    const world = new AuthorizerWorld();

    expect(await world.authorize(world.sign())).toMatchObject({ kind: 'unauthorized' });
  });

  test('is unauthorized as soon as its token has expired, 30 s of skew aside', async () => {
    const world = new AuthorizerWorld();
    const header = `Bearer ${world.sign({ exp: world.seconds + 60 })}`;

    expect((await world.authorize(header)).kind).toBe('allowed');
    world.clock.advance(89_000);
    expect((await world.authorize(header)).kind).toBe('allowed');
    world.clock.advance(1_000);
    expect(await world.authorize(header)).toMatchObject({ kind: 'unauthorized', refusal: { code: 'TokenExpired' } });
  });
});

describe('a change of the policy', () => {
  test('that forbids is known to the second request after ten seconds', async () => {
    const world = new AuthorizerWorld();
    const kind = async () => (await world.authorize(`Bearer ${world.sign()}`)).kind;
    expect(await kind()).toBe('allowed');
    world.record = { ...RECORD, tokenHolders: [] };

    world.clock.advance(10_000);
    expect([await kind(), await kind()]).toEqual(['allowed', 'forbidden']);
  });

  test('that allows is known to the next request', async () => {
    const world = new AuthorizerWorld();
    const kind = async () => (await world.authorize(`Bearer ${world.sign()}`)).kind;
    world.record = { ...RECORD, tokenHolders: [] };
    expect(await kind()).toBe('forbidden');
    world.record = RECORD;

    world.clock.advance(1_000);
    expect(await kind()).toBe('allowed');
  });

  test('that withdraws the issuer makes its tokens unknown', async () => {
    const world = new AuthorizerWorld();
    const decided = () => world.authorize(`Bearer ${world.sign()}`);
    await decided();
    world.record = { ...RECORD, issuers: [] };
    world.clock.advance(10_000);
    await decided();

    expect(await decided()).toMatchObject({ kind: 'unauthorized', refusal: { code: 'TokenIssuerUnknown' } });
  });
});

test('what the registry itself says counts, not the copy that was decided on first', async () => {
  const world = new AuthorizerWorld();
  world.record = { ...RECORD, tokenHolders: [] };
  expect((await world.authorize(`Bearer ${world.sign()}`)).kind).toBe('forbidden');
  world.record = { ...RECORD, tokenHolders: [], issuers: [] };
  world.clock.advance(1_000);

  // By the copy it is forbidden.
  expect(await world.authorize(`Bearer ${world.sign()}`)).toMatchObject({ kind: 'unauthorized', refusal: { code: 'TokenIssuerUnknown' } });
});

describe('an outage', () => {
  test('of the registry lets nobody in whom no copy of the last five minutes allows', async () => {
    const world = new AuthorizerWorld();
    const header = () => `Bearer ${world.sign()}`;
    world.isDown = true;
    await expect(world.authorize(header())).rejects.toThrow(Interrupted);
    world.isDown = false;
    await world.authorize(header());
    world.isDown = true;

    world.clock.advance(299_000);
    expect((await world.authorize(header())).kind).toBe('allowed');
    // Nor does it refuse anybody.
    await expect(world.authorize(`Bearer ${world.sign({ sub: 'other' })}`)).rejects.toThrow(Interrupted);
    await expect(world.authorize('Bearer x')).rejects.toThrow(Interrupted);
    world.clock.advance(1_000);
    await expect(world.authorize(header())).rejects.toThrow(Interrupted);
  });

  test('is a registry without an access record, too', async () => {
    const world = new AuthorizerWorld();
    world.record = undefined;

    await expect(world.authorize(`Bearer ${world.sign()}`)).rejects.toThrow("no access record of agent 'mesh-edge' yet");
  });

  test('of the issuer lets nobody in, nor refuses anybody', async () => {
    const world = new AuthorizerWorld();
    world.answer = async () => new Response('', { status: 503 });

    await expect(world.authorize(`Bearer ${world.sign()}`)).rejects.toThrow(Interrupted);
  });

  test('is a key that is published a moment ago, until the issuer is asked again', async () => {
    const world = new AuthorizerWorld();
    await world.authorize(`Bearer ${world.sign()}`);
    const fresh = edKey('fresh');
    world.published = [...world.published, fresh];
    world.clock.advance(1_000);

    await expect(world.authorize(`Bearer ${world.sign({}, {}, fresh)}`)).rejects.toThrow(Interrupted);
    world.clock.advance(30_000);
    expect((await world.authorize(`Bearer ${world.sign({}, {}, fresh)}`)).kind).toBe('allowed');
  });

  test('of a registry that hangs delays an answer by a quarter of a second only', async () => {
    const world = new AuthorizerWorld();
    await world.authorize(`Bearer ${world.sign()}`);
    const hanging: Pick<AccessCache, 'current' | 'certain' | 'idle'> = {
      current: () => world.access.current(),
      certain: () => world.access.certain(),
      idle: () => new Promise(() => undefined),
    };
    const waits: number[] = [];
    const clock = {
      now: () => world.clock.now(),
      after: (delayMs: number, callback: () => void) => {
        waits.push(delayMs);
        callback();
        return () => undefined;
      },
    };

    const decision = await authorize(`Bearer ${world.sign()}`, { access: hanging, verifier: world.verifier, clock, audience: AUDIENCE });

    expect([decision.kind, waits]).toEqual(['allowed', [250]]);
  });
});

describe('the holder of a token', () => {
  const arn = 'arn:aws:iam::111122223333:role/prometheus';
  const principal = (name: string, rest: Partial<Principal> = {}): Principal => ({
    name,
    sources: ['/'],
    onBehalfOf: false,
    grants: {},
    ...rest,
  });
  const read = { read: 'role:observer' };
  const of = (changes: Partial<AccessRecord>, subject: string, claims = {}) =>
    requesterOf({ ...RECORD, tokenHolders: [], ...changes }, { issuerId: 'idp', subject, claims });
  const bySubject: AccessRecord['issuers'] = [{ id: 'idp', issuer: ISSUER, keys: { jwksUri: JWKS_URI }, senders: 'subject' }];

  test('is the principal with the ARN that the token names, where the issuer names those', () => {
    const principals = { AROA1: principal('producer:prometheus', { arn, grants: read }), AROA2: principal('producer:shop') };

    expect(of({ principals, issuers: bySubject }, arn)).toEqual({ name: 'producer:prometheus', grants: read });
    expect(of({ principals, issuers: bySubject }, `${arn}2`)).toEqual({ name: `subject:idp ${arn}2`, grants: {} });
  });

  test('is no principal where the issuer lists its senders: it may name subjects as it likes', () => {
    const principals = { AROA1: principal('producer:prometheus', { arn, grants: read }) };

    for (const senders of [[], ['producer:prometheus']])
      expect(of({ principals, issuers: [{ id: 'idp', issuer: ISSUER, keys: { jwksUri: JWKS_URI }, senders }] }, arn).grants).toEqual({});
  });

  test('has the roles of its subject, of its claims, and of its principal together', () => {
    const { subject: _, ...byClaim } = { ...holder(''), claim: { name: 'groups', value: 'sre' }, grants: { other: 'role:b' } };
    const tokenHolders = [holder(arn, { read: 'role:a' }), byClaim];
    const principals = { AROA1: principal('producer:prometheus', { arn, grants: { third: 'role:c' } }) };

    expect(of({ tokenHolders, principals, issuers: bySubject }, arn, { groups: ['sre'] }).grants).toEqual({
      ...{ read: 'role:a', other: 'role:b', third: 'role:c' },
    });
    expect(of({ tokenHolders }, 'ada', { groups: 'sr' }).grants).toEqual({});
  });
});

describe('the answer to API Gateway', () => {
  const methodArn = 'arn:aws:execute-api:eu-central-1:123456789012:abcde12345/prod/GET/agents/*';
  const decide = async (world: AuthorizerWorld) => {
    const decision = await world.authorize(`Bearer ${world.sign({ sub: 'an "odd" one\\' })}`);
    if (decision.kind === 'unauthorized') throw decision.refusal;
    return authorizerAnswer(decision, methodArn);
  };

  test('is about the whole stage, and names who asks so that a line of JSON may have it', async () => {
    const world = new AuthorizerWorld();
    world.record = { ...RECORD, tokenHolders: [holder('an "odd" one\\')] };
    const answer = await decide(world);

    expect(answer).toEqual({
      principalId: 'subject:idp an \\"odd\\" one\\\\',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...{ Effect: 'Allow', Action: 'execute-api:Invoke' },
            Resource: 'arn:aws:execute-api:eu-central-1:123456789012:abcde12345/prod/*',
          },
        ],
      },
      context: { rule: 'role:observer' },
    });
    expect(JSON.parse(`{"caller":"${answer.principalId}"}`)).toEqual({ caller: 'subject:idp an "odd" one\\' });
  });

  test('denies what is forbidden', async () => {
    expect(await decide(new AuthorizerWorld())).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Deny' }] }, context: {} });
  });
});
