import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { agentRegistrationSchema } from '../../events/registration.ts';
import type { Capability } from '../../functions/runtime/agent/agent.ts';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { addMesh, RefusedError } from '../../infra/index.ts';
import { synthesize } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

/** Its definition is not used. */
const folder = join(import.meta.dirname, 'fixtures/agents/answering');

const capability = (changes: Partial<Capability> = {}): Capability => ({
  ...{ id: 'sums', name: 'Sums', description: 'Adds numbers up.', tags: ['numbers'], examples: ['What is 1 + 1?'] },
  ...changes,
});

/** What an agent with this description and these capabilities registers, and what `cdk synth` warns of. */
function registered(capabilities: readonly Capability[], description = 'Calculates.') {
  const definition = defineAgent({
    ...{ id: 'calculator', version: '1.0.0', description, capabilities, input: z.unknown() },
    handle: async () => {},
  });
  const { agent, state, warnings } = synthesize({}, (app) => void addMesh(app, { agents: [{ folder, definition }] }));
  const value = String(propertiesOf(agent('calculator'), state, 'AWS::SSM::Parameter', 'AgentRegistration').Value);
  return {
    ...{ value, bytes: Buffer.byteLength(value), registration: agentRegistrationSchema.parse(JSON.parse(value)) },
    warnings: warnings.map(([, text]) => text).filter((text) => text.includes('card')),
  };
}

const many = (count: number, changes: Partial<Capability>) =>
  Array.from({ length: count }, (_, nth) => capability({ id: `capability-${nth}`, ...changes }));

describe('the card of an agent', () => {
  test('is registered with its description, its inbox, and what each capability is', () => {
    const { registration, warnings } = registered([capability(), capability({ id: 'products', name: 'Products', tags: [], examples: [] })]);

    expect(registration.capabilities).toEqual(['sums', 'products']);
    expect(registration.card).toEqual({
      endpoint: { kind: 'sqs', url: expect.stringMatching(/posthorn-dev-calculator-inbox$/) },
      description: 'Calculates.',
      capabilities: [
        { name: 'Sums', description: 'Adds numbers up.', tags: ['numbers'], examples: ['What is 1 + 1?'] },
        { name: 'Products', description: 'Adds numbers up.', tags: [] },
      ],
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['{{resolve:secretsmanager:prod/database}}'],
    ['Fills {{{{name}}}} into {"a":{"b":{}}}, {{ and }}.'],
    ['\u0000\u001b[2J\u202e \u2028"\\{{\\u007b'],
    ['Antwortet höflich 📯 をする'],
  ])('has the text %j as it is, in a value that SSM and CloudFormation take', (text) => {
    const { value, registration } = registered([capability({ name: text, description: text, tags: [text], examples: [text] })], text);

    expect(value).not.toContain('{{');
    expect(registration.card).toMatchObject({
      description: text,
      capabilities: [{ name: text, description: text, tags: [text], examples: [text] }],
    });
  });

  test.each<[string, readonly Capability[], string | undefined, RegExp, object | undefined]>([
    [
      'its examples',
      many(3, { examples: ['x'.repeat(5_000)] }),
      undefined,
      /lacks the examples of its capabilities\. Give it shorter descriptions, and fewer examples or capabilities/,
      { description: 'Calculates.' },
    ],
    [
      'the ends of its descriptions',
      many(9, { description: '📯'.repeat(2_000) }),
      'long '.repeat(200_000),
      /lacks the examples of its capabilities, and what descriptions have beyond 160 characters/,
      { description: `${'long '.repeat(32).slice(0, 159)}…` },
    ],
    ['itself', many(20, { name: 'x'.repeat(1_000) }), undefined, /lacks everything: it has no card/, undefined],
  ])('loses %s if it is too large, with a warning, and the agent stays', (_, capabilities, description, warning, card) => {
    const { registration, warnings, bytes } = registered(capabilities, description);

    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(warnings[0]).toMatch(/^agent 'calculator': its card does not fit into its registration, an SSM parameter of 8 KB/);
    expect(bytes).toBeLessThanOrEqual(8_192);
    expect(registration).toMatchObject({ id: 'calculator', capabilities: capabilities.map(({ id }) => id) });
    if (card === undefined) expect(registration.card).toBeUndefined();
    else expect(registration.card).toMatchObject(card);
    for (const { examples } of registration.card?.capabilities ?? []) expect(examples).toBeUndefined();
  });

  test('is no part of a registration that is too large without it', () => {
    expect(() => registered(many(600, { description: 'x' }))).toThrow(RefusedError);
    expect(() => registered(many(600, { description: 'x' }))).toThrow(
      /^agent 'calculator': its registration has \d+ bytes, more than the 8192 of an SSM parameter; give it fewer capabilities/,
    );
  });
});

test('a registration without a card, or with one that cannot be read, is that of an agent all the same', () => {
  const { card, ...registration } = registered([capability()]).registration;

  expect(agentRegistrationSchema.parse(registration).card).toBeUndefined();
  for (const odd of [null, 'card', {}, { ...card, description: 7 }, { ...card, endpoint: { kind: 'sqs' } }])
    expect(agentRegistrationSchema.parse({ ...registration, card: odd })).toEqual({ ...registration, card: undefined });
  expect(
    agentRegistrationSchema.parse({ ...registration, card: { ...card, endpoint: { kind: 'a2a', url: 'x' } } }).card?.endpoint.kind,
  ).toBe('a2a');
});
