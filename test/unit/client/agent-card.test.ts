import { AgentCard as A2aCard } from '@a2a-js/sdk';
import { expect, test } from 'vitest';
import { agentCard } from '../../../client/agents/agent-card.ts';
import type { RegisteredCard } from '../../../events/registered-card.ts';
import { type AgentRegistration, agentRegistrationSchema } from '../../../events/registration.ts';

const URL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/posthorn-prod-calculator-inbox';

const CARD: RegisteredCard = {
  endpoint: { kind: 'sqs', url: URL },
  description: 'Calculates.',
  capabilities: [
    { name: 'Sums', description: 'Adds numbers up.', tags: ['numbers', 'fast'], examples: ['What is 1 + 1?'] },
    { name: 'Products', description: 'Multiplies.', tags: [] },
  ],
};

const registration = (changes: Partial<AgentRegistration> = {}): AgentRegistration =>
  agentRegistrationSchema.parse({
    ...{ id: 'calculator', version: '2.1.0', capabilities: ['sums', 'products'], roleId: 'AROAEXAMPLE', roleArn: 'arn:r', queue: 'q' },
    ...{ calls: [], concurrency: 10, authentication: 'iam', actions: {}, card: CARD },
    ...changes,
  });

/** As a client of A2A reads it and would write it again. */
const readByA2a = (card: unknown): unknown => A2aCard.toJSON(A2aCard.fromJSON(JSON.parse(JSON.stringify(card))));

/** The codec writes no empty list and no false. */
const withoutDefaults = (card: unknown): unknown =>
  JSON.parse(JSON.stringify(card), (_, value) => (value === false || (Array.isArray(value) && value.length === 0) ? undefined : value));

test('a card has the agent’s capabilities as skills, and its inbox by a binding of its own', () => {
  const card = agentCard(registration());

  expect(card).toEqual({
    name: 'calculator',
    description: 'Calculates.',
    version: '2.1.0',
    supportedInterfaces: [{ url: URL, protocolBinding: 'urn:posthorn:binding:sqs:v1', protocolVersion: '1.0' }],
    capabilities: { streaming: false, pushNotifications: false, extendedAgentCard: false },
    securitySchemes: { iam: { httpAuthSecurityScheme: { scheme: 'AWS4-HMAC-SHA256', description: expect.any(String) } } },
    securityRequirements: [{ schemes: { iam: { list: [] } } }],
    defaultInputModes: ['application/json'],
    defaultOutputModes: ['application/json'],
    skills: [
      { id: 'sums', name: 'Sums', description: 'Adds numbers up.', tags: ['numbers', 'fast'], examples: ['What is 1 + 1?'] },
      { id: 'products', name: 'Products', description: 'Multiplies.', tags: [] },
    ],
  });
});

test.each<[string, Partial<AgentRegistration>]>([
  ['with everything', {}],
  ['of an agent that wants tokens', { authentication: 'jwt' }],
  ['with odd texts', { card: { ...CARD, description: '\u0000\u202e 📯 "{{x}}"', capabilities: [] } }],
])('A2A’s own codec reads a card %s, and finds everything in it', (_, changes) => {
  const card = agentCard(registration(changes));

  expect(withoutDefaults(readByA2a(card))).toEqual(withoutDefaults(card));
  // Each of the fields that A2A requires.
  const { name, description, version, supportedInterfaces, capabilities, defaultInputModes, defaultOutputModes, skills } =
    A2aCard.fromJSON(card);
  for (const required of [name, description, version, supportedInterfaces[0]?.url, defaultInputModes[0], defaultOutputModes[0]])
    expect(required).toEqual(expect.stringMatching(/./));
  expect(capabilities).toBeDefined();
  expect(skills.map((skill) => [skill.id, skill.name !== '', skill.description !== '', Array.isArray(skill.tags)])).toEqual([
    ['sums', true, true, true],
    ['products', true, true, true],
  ]);
});

test('a sender of an agent that wants tokens needs both, the signature and the token', () => {
  const card = agentCard(registration({ authentication: 'jwt' }));

  expect(card?.securityRequirements).toEqual([{ schemes: { iam: { list: [] }, token: { list: [] } } }]);
  expect(card?.securitySchemes.token?.httpAuthSecurityScheme).toMatchObject({ scheme: 'Bearer', bearerFormat: 'JWT' });
});

test('what a registration lacks is replaced by what it has', () => {
  const [sums = { name: '', description: '', tags: [] }] = CARD.capabilities;
  const card = agentCard(
    registration({
      capabilities: ['sums', 'products', 'sums', 'quotients'],
      card: {
        ...CARD,
        description: ' ',
        capabilities: [
          { ...sums, description: '' },
          { ...sums, name: '\n', description: '\ud800 half' },
        ],
      },
    }),
  );

  expect(card?.description).toBe('calculator');
  expect(card?.skills.map(({ id, name, description }) => [id, name, description])).toEqual([
    ['sums', 'Sums', 'Sums'],
    ['products', 'products', '\ufffd half'],
    ['quotients', 'quotients', 'quotients'],
  ]);
});

test('there is none of an agent that has registered none, or that is reached in a way that is not known', () => {
  expect(agentCard(registration({ card: undefined }))).toBeUndefined();
  expect(agentCard(registration({ card: { ...CARD, endpoint: { kind: 'a2a', url: 'https://agent.example.com' } } }))).toBeUndefined();
});
