import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { issuerSchema } from '../../events/issuer.ts';
import { producerRegistrationSchema, roleRegistrationSchema } from '../../events/registration.ts';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { definePolicy } from '../../infra/index.ts';

const common = { version: '1.0.0', description: 'Works.', input: z.unknown(), handle: async () => {} };
const capabilities = [{ id: 'working', name: 'Working', description: 'Works.', tags: [] }];
const reading = defineAgent({ ...common, capabilities, id: 'reading', actions: { process_documents: { types: ['document.added'] } } });
const writing = defineAgent({ ...common, capabilities, id: 'writing' });
const agents = [reading, writing] as const;
const shop = { principalIds: ['AROASHOP'], sources: ['https://shop.example.com/*'] };

/** The message that refuses options, which the types need not allow. */
function refusal(options: object): string {
  try {
    Reflect.apply(definePolicy, undefined, [{ agents, ...options }]);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a policy', () => {
  test('of agents alone allows nothing more than they do', () => {
    expect(definePolicy({ agents })).toEqual({ producers: [], roles: [], issuers: [], foreignAgents: [] });
  });

  test('has its producers, and each role with its members', () => {
    const policy = definePolicy({
      agents,
      producers: { shop, gateway: { ...shop, principalIds: ['AIDAGATEWAY', '111122223333'], onBehalfOf: true } },
      roles: {
        reader: { reading: ['process_documents', 'handle'], writing: ['*'] },
        operator: { '*': ['redrive'] },
      },
      bindings: [
        { role: 'reader', producer: 'shop' },
        { role: 'reader', agent: 'writing' },
        { role: 'operator', producer: 'gateway' },
      ],
    });

    expect(policy).toEqual({
      producers: [
        { id: 'shop', ...shop, onBehalfOf: false },
        { id: 'gateway', principalIds: ['AIDAGATEWAY', '111122223333'], sources: shop.sources, onBehalfOf: true },
      ],
      roles: [
        {
          id: 'reader',
          permissions: { reading: ['process_documents', 'handle'], writing: ['*'] },
          members: [{ producer: 'shop' }, { agent: 'writing' }],
        },
        { id: 'operator', permissions: { '*': ['redrive'] }, members: [{ producer: 'gateway' }] },
      ],
      issuers: [],
      foreignAgents: [],
    });
    for (const role of policy.roles) expect(roleRegistrationSchema.parse(role)).toEqual(role);
  });

  test('has its issuers, and who holds their tokens', () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }] };
    const policy = definePolicy({
      agents,
      foreignAgents: ['billing'],
      producers: { shop: { ...shop, arn: 'arn:aws:iam::111122223333:role/shop' } },
      issuers: {
        aws: { issuer: 'https://tokens.example.com', keys: { jwksUri: 'https://tokens.example.com/jwks' }, senders: 'subject' },
        corporate: {
          issuer: 'https://login.example.com',
          keys: { jwks },
          senders: ['producer:shop', 'agent:writing', 'agent:billing'],
          algorithms: ['ES256'],
          maxAgeSeconds: 86_400,
        },
      },
      roles: { reader: { reading: ['handle'] } },
      bindings: [
        { role: 'reader', issuer: 'corporate', subject: 'alice' },
        { role: 'reader', issuer: 'aws', claim: { name: 'groups', value: 'readers' } },
      ],
    });

    expect(policy).toEqual({
      producers: [{ id: 'shop', ...shop, onBehalfOf: false, arn: 'arn:aws:iam::111122223333:role/shop' }],
      roles: [
        {
          id: 'reader',
          permissions: { reading: ['handle'] },
          members: [
            { issuer: 'corporate', subject: 'alice' },
            { issuer: 'aws', claim: { name: 'groups', value: 'readers' } },
          ],
        },
      ],
      issuers: [
        { id: 'aws', issuer: 'https://tokens.example.com', keys: { jwksUri: 'https://tokens.example.com/jwks' }, senders: 'subject' },
        {
          id: 'corporate',
          issuer: 'https://login.example.com',
          keys: { jwks },
          algorithms: ['ES256'],
          maxAgeSeconds: 86_400,
          senders: ['producer:shop', 'agent:writing', 'agent:billing'],
        },
      ],
      foreignAgents: ['billing'],
    });
    for (const issuer of policy.issuers) expect(issuerSchema.parse(issuer)).toEqual(issuer);
    for (const producer of policy.producers) expect(producerRegistrationSchema.parse(producer)).toEqual(producer);
    for (const role of policy.roles) expect(roleRegistrationSchema.parse(role)).toEqual(role);
  });

  test('may name agents of other apps, whose actions it does not know', () => {
    const { foreignAgents, roles } = definePolicy({
      agents,
      foreignAgents: ['billing'],
      roles: { payer: { billing: ['pay_invoice', '*'] } },
      bindings: [{ role: 'payer', agent: 'billing' }],
    });

    expect(foreignAgents).toEqual(['billing']);
    expect(roles).toEqual([{ id: 'payer', permissions: { billing: ['pay_invoice', '*'] }, members: [{ agent: 'billing' }] }]);
  });

  test('may have roles that only the definitions of agents allow', () => {
    const deleting = defineAgent({ ...common, capabilities, id: 'deleting', actions: { forget: { allow: ['steward'] } } });

    expect(definePolicy({ agents: [deleting], roles: { steward: {} } }).roles).toEqual([{ id: 'steward', permissions: {}, members: [] }]);
  });
});

const stewarding = { ...reading, actions: { forget: { allow: ['steward'] } } };
const role = { reader: {} };
const corporate = {
  issuer: 'https://login.example.com',
  keys: { jwksUri: 'https://login.example.com/keys' },
  senders: ['producer:shop'],
};
/** An issuer that is good but for what changes. */
const issuing = (change: object): object => ({ producers: { shop }, issuers: { corporate: { ...corporate, ...change } } });

test.each<[string, object, string]>([
  [
    'an unknown agent',
    { roles: { reader: { raeding: ['handle'] } } },
    'roles.reader.raeding: there is no such agent; there are reading, writing. Name those of other apps in foreignAgents',
  ],
  [
    'an unknown action',
    { roles: { reader: { reading: ['process', 'handle'] } } },
    "roles.reader.reading: there is no action 'process'; there are *, redrive, handle, process_documents",
  ],
  [
    'an action of one agent for all agents',
    { roles: { reader: { '*': ['process_documents'] } } },
    "roles.reader.*: there is no action 'process_documents'; there are *, redrive, handle",
  ],
  [
    'an action that no agent may have',
    { foreignAgents: ['billing'], roles: { reader: { billing: ['Pay!'] } } },
    "roles.reader.billing: 'Pay!' is not an action's name: use 1 to 48 lower-case letters, digits, hyphens and underscores",
  ],
  [
    'an unknown role in a binding',
    { roles: role, bindings: [{ role: 'raeder', agent: 'writing' }] },
    "bindings: there is no role 'raeder'; there are reader",
  ],
  [
    'an unknown producer',
    { roles: role, bindings: [{ role: 'reader', producer: 'shop' }] },
    "bindings: there is no producer 'shop'; there are none",
  ],
  [
    'an unknown agent in a binding',
    { roles: role, foreignAgents: ['billing'], bindings: [{ role: 'reader', agent: 'wirting' }] },
    "bindings: there is no agent 'wirting'; there are reading, writing, billing",
  ],
  [
    'a role in a definition that the policy lacks',
    { agents: [stewarding], roles: role },
    "agent 'reading': actions.forget.allow names the role 'steward', which is not in the policy; there are reader",
  ],
  [
    'a principal of two producers',
    { producers: { shop, store: { ...shop } } },
    "producers.store: 'shop' has the same principal 'AROASHOP'; merge the two",
  ],
  [
    "an agent's source",
    { producers: { shop: { ...shop, sources: ['https://shop.example.com/', '/agents/reading'] } } },
    'producers.shop: sources.1: must be no source of an agent: only agents send as /agents/... (it is a string of 15 characters)',
  ],
  [
    'a pattern of agents’ sources',
    { producers: { shop: { ...shop, sources: ['/ag*'] } } },
    'producers.shop: sources.0: must be no source of an agent: only agents send as /agents/... (it is a string of 4 characters)',
  ],
  [
    'a source that is too long',
    { producers: { shop: { ...shop, sources: ['s'.repeat(513)] } } },
    'producers.shop: sources.0: Too big: expected string to have <=512 characters (it is a string of 513 characters)',
  ],
  [
    'more principals than a producer may have',
    { producers: { shop: { ...shop, principalIds: Array.from({ length: 21 }, (_, index) => `AROA${index}`) } } },
    'producers.shop: principalIds: Too big: expected array to have <=20 items (it is an array of 21)',
  ],
  [
    'long sources of many principals',
    { producers: { shop: { principalIds: ['AROA1', 'AROA2', 'AROA3'], sources: Array.from({ length: 11 }, () => 's'.repeat(500)) } } },
    'producers.shop: sources: must come to at most 16384 characters, times the number of principalIds (it is an array of 11)',
  ],
  [
    'a subject that is too long',
    { ...issuing({}), roles: role, bindings: [{ role: 'reader', issuer: 'corporate', subject: 's'.repeat(513) }] },
    "bindings: subject of role 'reader' has more than 512 characters",
  ],
  [
    'a value of a claim that is too long',
    { ...issuing({}), roles: role, bindings: [{ role: 'reader', issuer: 'corporate', claim: { name: 'groups', value: 's'.repeat(513) } }] },
    "bindings: claim.value of role 'reader' has more than 512 characters",
  ],
  [
    'a role with too many members',
    { producers: { shop }, roles: role, bindings: Array.from({ length: 201 }, () => ({ role: 'reader', producer: 'shop' })) },
    'roles.reader: members: Too big: expected array to have <=200 items (it is an array of 201)',
  ],
  [
    'keys that come unencrypted',
    issuing({ keys: { jwksUri: 'http://login.example.com/keys' } }),
    'issuers.corporate: keys.jwksUri: must begin with https:// (http:// on 127.0.0.1 or localhost only) (it is a string of 29 characters)',
  ],
  [
    'an algorithm whose keys may sign',
    issuing({ algorithms: ['ES256', 'HS256'] }),
    'issuers.corporate: algorithms.1: Invalid option: expected one of "RS256"|"RS384"|"RS512"|"PS256"|"PS384"|"PS512"|"ES256"|"ES384"|"ES512"|"EdDSA"|"Ed25519" (it is a string of 5 characters)',
  ],
  [
    'no algorithm',
    issuing({ algorithms: [] }),
    'issuers.corporate: algorithms: Too small: expected array to have >=1 items (it is an array of 0)',
  ],
  [
    'tokens that are never valid',
    issuing({ maxAgeSeconds: 0 }),
    'issuers.corporate: maxAgeSeconds: Too small: expected number to be >=1 (it is a number)',
  ],
  [
    'tokens that are valid for more than a day',
    issuing({ maxAgeSeconds: 86_401 }),
    'issuers.corporate: maxAgeSeconds: Too big: expected number to be <=86400 (it is a number)',
  ],
  [
    'an unknown option of an issuer',
    issuing({ audience: 'posthorn' }),
    'issuers.corporate: the value: Unrecognized key: "audience" (it is an object)',
  ],
  [
    'an issuer without the claim that names it',
    issuing({ issuer: undefined }),
    'issuers.corporate: issuer: Invalid input: expected string, received undefined (it is missing)',
  ],
  [
    'an unknown sender',
    { ...issuing({ senders: ['producer:shop', 'producer:store'] }), foreignAgents: ['billing'] },
    "issuers.corporate.senders: there is no 'producer:store'; there are producer:shop, agent:reading, agent:writing, agent:billing",
  ],
  [
    'an issuer whose tokens nobody may present',
    { ...issuing({ senders: [] }), roles: role, bindings: [{ role: 'reader', issuer: 'corporate', subject: 'alice' }] },
    "issuers.corporate.senders: nobody may present its tokens; name senders, or bind a role with an action at 'mesh-edge' to it",
  ],
  [
    'an unknown action at the REST API',
    { roles: { reader: { 'mesh-edge': ['*'] } } },
    "roles.reader.mesh-edge: there is no action '*'; there are read",
  ],
  [
    'an action of a foreign agent at the REST API',
    { foreignAgents: ['mesh-edge'], roles: { reader: { 'mesh-edge': ['write'] } } },
    "roles.reader.mesh-edge: there is no action 'write'; there are read",
  ],
  [
    'an unknown issuer in a binding',
    { ...issuing({}), roles: role, bindings: [{ role: 'reader', issuer: 'corporation', subject: 'alice' }] },
    "bindings: there is no issuer 'corporation'; there are corporate",
  ],
  [
    'an issuer in a binding where there is none',
    { roles: role, bindings: [{ role: 'reader', issuer: 'corporate', claim: { name: 'groups', value: 'readers' } }] },
    "bindings: there is no issuer 'corporate'; there are none",
  ],
  [
    'one party that is two issuers',
    { producers: { shop }, issuers: { corporate, company: { ...corporate } } },
    "issuers.company: 'corporate' has the same issuer 'https://login.example.com'; merge the two",
  ],
])('%s is refused by name', (_, options, message) => {
  expect(refusal(options)).toBe(`policy: ${message}`);
});

test('an issuer may be one for the REST API only', () => {
  const bindings = [{ role: 'observer', issuer: 'corporate', claim: { name: 'groups', value: 'sre' } }];

  expect(refusal({ ...issuing({ senders: [] }), roles: { observer: { 'mesh-edge': ['read'] } }, bindings })).toBe('accepted');
});

test.each<[string, object, RegExp]>([
  ['an unknown option', { bidings: [] }, /^policy: .*"bidings"$/],
  ['an unknown property of a producer', { producers: { shop: { ...shop, source: [] } } }, /"source"\n.*at producers\.shop$/],
  ['a producer without a principal', { producers: { shop: { ...shop, principalIds: [] } } }, /at producers\.shop\.principalIds$/],
  ['a producer without a source', { producers: { shop: { principalIds: ['AROASHOP'] } } }, /at producers\.shop\.sources$/],
  ['an id that is none', { producers: { Shop: shop } }, /at producers\.Shop$/],
  ['a binding of nobody', { roles: role, bindings: [{ role: 'reader' }] }, /at bindings\[0\]$/],
  [
    'a binding of two',
    { producers: { shop }, roles: role, bindings: [{ role: 'reader', agent: 'reading', producer: 'shop' }] },
    /bindings\[0\]$/,
  ],
  ['an ARN that is empty', { producers: { shop: { ...shop, arn: '' } } }, /at producers\.shop\.arn$/],
  ['an issuer with an id of its own', issuing({ id: 'other' }), /at issuers\.corporate\.id$/],
  ['an issuer with a sender without a name', issuing({ senders: [''] }), /at issuers\.corporate\.senders\[0\]$/],
  ['an issuer for all senders', issuing({ senders: 'all' }), /at issuers\.corporate\.senders$/],
  [
    'an issuer in a binding of no holder',
    { ...issuing({}), roles: role, bindings: [{ role: 'reader', issuer: 'corporate' }] },
    /bindings\[0\]$/,
  ],
  ['what is no agent', { agents: ['reading'] }, /at agents\[0\]$/],
])('%s is refused by its path', (_, options, message) => {
  expect(refusal(options)).toMatch(message);
});

test('a producer may have all sources, and those that only begin like those of agents', () => {
  const sources = ['*', '/agents', '/agency/*', 's'.repeat(512)];

  expect(definePolicy({ agents, producers: { shop: { ...shop, sources } } }).producers).toMatchObject([{ sources }]);
});

test('every problem is named at once', () => {
  const options = { roles: { reader: { raeding: ['handle'] } }, bindings: [{ role: 'raeder', producer: 'shop' }] };

  expect(refusal(options).split('\n')).toEqual([
    expect.stringMatching(/^policy: roles\.reader\.raeding/),
    expect.stringMatching(/^policy: bindings: there is no role 'raeder'/),
    expect.stringMatching(/^policy: bindings: there is no producer 'shop'/),
  ]);
});
