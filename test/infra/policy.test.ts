import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { roleRegistrationSchema } from '../../events/registration.ts';
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
    expect(definePolicy({ agents })).toEqual({ producers: [], roles: [], foreignAgents: [] });
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
      foreignAgents: [],
    });
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
    "roles.reader.billing: 'Pay!' cannot be an action",
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
    "producers.store: 'shop' has the principal 'AROASHOP', too; make them one producer",
  ],
])('%s is refused by name', (_, options, message) => {
  expect(refusal(options)).toBe(`policy: ${message}`);
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
  ['what is no agent', { agents: ['reading'] }, /at agents\[0\]$/],
])('%s is refused by its path', (_, options, message) => {
  expect(refusal(options)).toMatch(message);
});

test('every problem is named at once', () => {
  const options = { roles: { reader: { raeding: ['handle'] } }, bindings: [{ role: 'raeder', producer: 'shop' }] };

  expect(refusal(options).split('\n')).toEqual([
    expect.stringMatching(/^policy: roles\.reader\.raeding/),
    expect.stringMatching(/^policy: bindings: there is no role 'raeder'/),
    expect.stringMatching(/^policy: bindings: there is no producer 'shop'/),
  ]);
});
