import { describe, expect, test } from 'vitest';
import { accessRecordSchema } from '../../../events/access-record.ts';
import { OWNER_APP } from '../../../events/registration.ts';
import { compileAccess, serviceAsTarget } from '../../../functions/services/registry/compile-access.ts';
import type { Registrations } from '../../../functions/services/registry/registrations.ts';
import { agentOf } from './registrations.ts';

const nothing: Registrations = { agents: [], producers: [], roles: [], issuers: [], services: [] };

const of = (app: string, id: string, rest: Parameters<typeof agentOf>[1] = {}) => ({ ...agentOf(id, rest), app });
const producer = { app: OWNER_APP, id: 'shop', principalIds: ['AROASHOP'], sources: ['https://shop.example.com/*'], onBehalfOf: false };
const role = (app: string, permissions: Registrations['roles'][number]['permissions'], id = 'customer') => ({
  app,
  id,
  permissions,
  members: [{ producer: 'shop' }],
});

/** What each principal may do at an agent, by its name. */
function grantsAt(agentId: string, registered: Partial<Registrations>) {
  const all = { ...nothing, ...registered };
  const agent = all.agents.find(({ id }) => id === agentId);
  if (agent === undefined) throw new Error(`no agent ${agentId}`);
  const record = compileAccess(agent, all);
  expect(accessRecordSchema.parse(record)).toEqual(record);
  return Object.fromEntries(Object.values(record.principals).map(({ name, grants }) => [name, grants]));
}

describe('a principal', () => {
  test('that nothing allows anything is known all the same: its messages are forbidden, and not those of an unknown sender', () => {
    const reading = of(OWNER_APP, 'reading');

    expect(compileAccess(reading, { ...nothing, agents: [reading], producers: [producer] })).toEqual({
      agent: 'reading',
      actions: {},
      principals: {
        'AROA-reading': {
          name: 'agent:reading',
          sources: ['/agents/reading'],
          onBehalfOf: false,
          arn: 'arn:aws:iam::111122223333:role/reading',
          grants: {},
        },
        AROASHOP: { name: 'producer:shop', sources: ['https://shop.example.com/*'], onBehalfOf: false, grants: {} },
      },
      tokenHolders: [],
      issuers: [],
    });
  });

  test('of a producer is under each of its ids', () => {
    const agents = [of(OWNER_APP, 'reading')];
    const arn = 'arn:aws:iam::111122223333:role/shop';
    const producers = [{ ...producer, principalIds: ['AROASHOP', 'AIDASHOP', '111122223333'], onBehalfOf: true, arn }];
    const { principals } = compileAccess(of(OWNER_APP, 'reading'), {
      ...nothing,
      agents,
      producers,
      roles: [role(OWNER_APP, { '*': ['*'] })],
    });
    const shop = { name: 'producer:shop', sources: producer.sources, onBehalfOf: true, arn, grants: { '*': 'role:customer' } };

    expect(principals).toMatchObject({ AROASHOP: shop, AIDASHOP: shop, '111122223333': shop });
  });

  test('that the owner’s producer has is not that of an agent of another app', () => {
    const agents = [of(OWNER_APP, 'reading'), of('shipping', 'sorting', { roleId: 'AROASHOP' })];

    expect(Object.keys(grantsAt('reading', { agents, producers: [producer] }))).toEqual(['agent:reading', 'producer:shop']);
  });

  test('that two registrations claim is the first one by app and kind', () => {
    const agents = [of(OWNER_APP, 'reading'), of('shipping', 'sorting', { roleId: 'AROA-reading' })];
    const claiming = { ...producer, id: 'thief', app: 'shipping', principalIds: ['AROASHOP', 'AROA-reading'] };

    expect(Object.keys(grantsAt('reading', { agents, producers: [producer, claiming] }))).toEqual(['agent:reading', 'producer:shop']);
  });
});

describe('sendsTo', () => {
  const agents = [
    of(OWNER_APP, 'reading'),
    of(OWNER_APP, 'writing', { calls: ['reading', 'sorting'] }),
    of('shipping', 'sorting', { calls: ['reading'] }),
  ];

  test('allows an agent everything at the agents of its own app, and nothing at those of another', () => {
    expect(grantsAt('reading', { agents })).toEqual({
      'agent:reading': {},
      'agent:writing': { '*': 'sendsTo' },
      'agent:sorting': {},
    });
    expect(grantsAt('sorting', { agents })).toMatchObject({ 'agent:writing': {} });
  });

  test('gives nothing back: who is sent to may not answer by a message of its own', () => {
    expect(grantsAt('writing', { agents })).toMatchObject({ 'agent:reading': {} });
  });

  test('across apps takes a role', () => {
    const roles = [{ app: OWNER_APP, id: 'sender', permissions: { reading: ['handle'] }, members: [{ agent: 'sorting' }] }];

    expect(grantsAt('reading', { agents, roles })).toMatchObject({ 'agent:sorting': { handle: 'role:sender' } });
  });
});

describe('receivesReplies', () => {
  const agents = [
    of(OWNER_APP, 'reading', { receivesReplies: true }),
    of('shipping', 'sorting', { receivesReplies: true }),
    of('billing', 'billing'),
  ];

  test('is known to every agent, of every app, and to no service', () => {
    const registered = { ...nothing, agents };
    const edge = serviceAsTarget({ app: OWNER_APP, id: 'mesh-edge' });

    expect(agents.map((agent) => compileAccess(agent, registered).repliesTo)).toEqual(Array(3).fill(['reading', 'sorting']));
    expect(compileAccess(edge, registered)).not.toHaveProperty('repliesTo');
  });

  test('changes no record of a mesh where nobody does, and no grant of one where somebody does', () => {
    const registered = { agents: agents.map((agent) => ({ ...agent, receivesReplies: false })), producers: [producer] };

    expect(compileAccess(agents[0] ?? of(OWNER_APP, 'reading'), { ...nothing, ...registered })).not.toHaveProperty('repliesTo');
    for (const { id } of agents) expect(grantsAt(id, { ...registered, agents })).toEqual(grantsAt(id, registered));
  });
});

describe('a role', () => {
  const agents = [of(OWNER_APP, 'reading'), of('shipping', 'sorting')];
  const shippings = { ...producer, app: 'shipping' };

  test('of the owner counts at the agents of every app', () => {
    const registered = { agents, producers: [producer], roles: [role(OWNER_APP, { '*': ['handle'] })] };

    expect(grantsAt('reading', registered)).toMatchObject({ 'producer:shop': { handle: 'role:customer' } });
    expect(grantsAt('sorting', registered)).toMatchObject({ 'producer:shop': { handle: 'role:customer' } });
  });

  test('of another app counts at the agents of that app only', () => {
    const registered = { agents, producers: [shippings], roles: [role('shipping', { '*': ['*'], reading: ['handle'] })] };

    expect(grantsAt('sorting', registered)).toMatchObject({ 'producer:shop': { '*': 'role:customer' } });
    expect(grantsAt('reading', registered)).toMatchObject({ 'producer:shop': {} });
  });

  test('of one app is not had by a producer of another, which could otherwise take its name', () => {
    expect(grantsAt('reading', { agents, producers: [shippings], roles: [role(OWNER_APP, { '*': ['*'] })] })).toMatchObject({
      'producer:shop': {},
    });
  });

  test('allows the actions that it names, at the agents that it names', () => {
    const roles = [role(OWNER_APP, { sorting: ['sort', 'redrive'], '*': ['handle'] }), role(OWNER_APP, { reading: ['read'] }, 'reader')];
    const registered = { agents, producers: [producer], roles };

    expect(grantsAt('sorting', registered)['producer:shop']).toEqual({
      sort: 'role:customer',
      redrive: 'role:customer',
      handle: 'role:customer',
    });
    expect(grantsAt('reading', registered)['producer:shop']).toEqual({ handle: 'role:customer', read: 'role:reader' });
  });

  test('is allowed an action by the definition of the agent, too', () => {
    const acting = of(OWNER_APP, 'acting', {
      actions: { forget: { types: ['user.left'], allow: ['customer'] }, look: { types: [], allow: [] } },
    });
    const registered = { agents: [acting, ...agents], producers: [producer], roles: [role(OWNER_APP, {})] };

    expect(grantsAt('acting', registered)['producer:shop']).toEqual({ forget: 'role:customer' });
    expect(grantsAt('reading', registered)['producer:shop']).toEqual({});
    expect(compileAccess(acting, { ...nothing, ...registered }).actions).toEqual({ 'user.left': 'forget' });
  });

  test('may have an agent whose id JavaScript knows', () => {
    const named = of(OWNER_APP, 'constructor');

    expect(grantsAt('constructor', { agents: [named], producers: [producer], roles: [role(OWNER_APP, {})] })['producer:shop']).toEqual({});
  });

  test('may be that of who holds a token, by its subject or a claim', () => {
    const members = [
      { issuer: 'google', subject: 'anna' },
      { issuer: 'google', claim: { name: 'group', value: 'admins' } },
    ];
    const roles = [{ app: OWNER_APP, id: 'admin', permissions: { reading: ['*'] }, members }];
    const record = compileAccess(of(OWNER_APP, 'reading'), { ...nothing, agents, roles });

    expect(record.tokenHolders.map(({ name, grants }) => [name, grants])).toEqual([
      ['subject:google anna', { '*': 'role:admin' }],
      ['subject:google group=admins', { '*': 'role:admin' }],
    ]);
    expect(compileAccess(of('shipping', 'sorting'), { ...nothing, agents, roles }).tokenHolders).toEqual([]);
  });
});

describe('a service', () => {
  const agents = [of(OWNER_APP, 'reading', { calls: ['mesh-edge'] }), of('shipping', 'sorting')];
  const members = [{ producer: 'shop' }, { agent: 'sorting' }, { issuer: 'google', subject: 'anna' }];
  const edge = serviceAsTarget({ app: OWNER_APP, id: 'mesh-edge' });
  const observer = (app: string, permissions: Registrations['roles'][number]['permissions']) => ({
    app,
    id: 'observer',
    permissions,
    members,
  });
  const recordOf = (roles: Registrations['roles']) => compileAccess(edge, { ...nothing, agents, producers: [producer], roles });
  const grantsIn = (roles: Registrations['roles']) =>
    Object.fromEntries(Object.values(recordOf(roles).principals).map(({ name, grants }) => [name, grants]));

  test('may be used by those whom a role of the owner allows it by name', () => {
    const record = recordOf([observer(OWNER_APP, { 'mesh-edge': ['read'] })]);

    expect(accessRecordSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject({ agent: 'mesh-edge', needsToken: true, actions: {} });
    expect(grantsIn([observer(OWNER_APP, { 'mesh-edge': ['read'] })])).toEqual({
      'producer:shop': { read: 'role:observer' },
      'agent:reading': {},
      'agent:sorting': { read: 'role:observer' },
    });
    expect(record.tokenHolders).toMatchObject([{ name: 'subject:google anna', grants: { read: 'role:observer' } }]);
  });

  test.each<[string, Registrations['roles']]>([
    ['a role at all agents', [observer(OWNER_APP, { '*': ['*', 'redrive'] })]],
    ['a role of an app that joins the mesh', [observer('shipping', { 'mesh-edge': ['read'], '*': ['*'] })]],
    ['no role', []],
  ])('is open to nobody by %s', (_, roles) => {
    expect(Object.values(grantsIn(roles))).toEqual([{}, {}, {}]);
    expect(recordOf(roles).tokenHolders).toEqual([]);
  });
});

test('an issuer counts where the roles of its app count', () => {
  const issuer = {
    id: 'google',
    issuer: 'https://accounts.google.com',
    keys: { jwksUri: 'https://google.com/jwks' },
    senders: ['AROASHOP'],
  };
  const issuersAt = (app: string, issuers: Registrations['issuers']) =>
    compileAccess(of(app, 'reading'), { ...nothing, issuers }).issuers.map(({ id }) => id);

  expect(issuersAt('shipping', [{ ...issuer, app: OWNER_APP }])).toEqual(['google']);
  expect(issuersAt('shipping', [{ ...issuer, app: 'shipping' }])).toEqual(['google']);
  expect(issuersAt(OWNER_APP, [{ ...issuer, app: 'shipping' }])).toEqual([]);
});
