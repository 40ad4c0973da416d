import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { issuerSchema } from '../../events/issuer.ts';
import { producerRegistrationSchema, roleRegistrationSchema } from '../../events/registration.ts';
import { addMesh, definePolicy, type Policy, PolicyStack, RefusedError } from '../../infra/index.ts';
import { fixtureAgents, synthesize } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const [answering, asking] = fixtureAgents;
if (answering === undefined || asking === undefined) throw new Error('the fixture agents are gone');

const agents = [answering.definition, asking.definition];
const shop = { principalIds: ['AROASHOP'], sources: ['https://shop.example.com/*'] };
const policy = definePolicy({
  agents,
  producers: { shop },
  roles: { customer: { asking: ['handle'] }, operator: { '*': ['redrive'] } },
  bindings: [{ role: 'customer', producer: 'shop' }],
});

const withPolicy = (given: Policy | undefined, context: object = {}) =>
  synthesize({ ...context }, (app) => void addMesh(app, { agents: fixtureAgents, ...(given && { policy: given }) }));

const parameterSchema = z.object({ Properties: z.object({ Name: z.string(), Value: z.string() }) });

/** By name: the JSON of each parameter of a policy's stack. */
const parametersOf = (synthesized: ReturnType<typeof withPolicy>, stackName: string) =>
  Object.fromEntries(
    Object.values(synthesized.stack(stackName).findResources('AWS::SSM::Parameter'))
      .map((resource) => parameterSchema.parse(resource).Properties)
      .map(({ Name, Value }) => [Name, JSON.parse(Value)]),
  );

describe('the stack of a policy', () => {
  test('has a parameter for each producer and each role, as the registry reads them', () => {
    const synthesized = withPolicy(policy);
    const parameters = parametersOf(synthesized, 'posthorn-dev-policy');

    expect(synthesized.stackNames).toContain('posthorn-dev-policy');
    expect(parameters).toEqual({
      '/posthorn/dev/mesh/producers/shop': { id: 'shop', ...shop, onBehalfOf: false },
      '/posthorn/dev/mesh/roles/customer': { id: 'customer', permissions: { asking: ['handle'] }, members: [{ producer: 'shop' }] },
      '/posthorn/dev/mesh/roles/operator': { id: 'operator', permissions: { '*': ['redrive'] }, members: [] },
    });
    for (const [name, value] of Object.entries(parameters)) {
      const schema = name.includes('/producers/') ? producerRegistrationSchema : roleRegistrationSchema;
      expect(schema.parse(value), name).toEqual(value);
    }
  });

  test('has a parameter for each issuer of tokens, and for each role that the holders of tokens have', () => {
    const corporate = {
      issuer: 'https://login.example.com',
      keys: { jwksUri: 'https://login.example.com/keys' },
      algorithms: ['ES256'],
    } as const;
    const trusting = definePolicy({
      agents,
      producers: { shop },
      issuers: { corporate: { ...corporate, senders: ['producer:shop', 'agent:asking'] } },
      roles: { reader: { asking: ['handle'] } },
      bindings: [{ role: 'reader', issuer: 'corporate', claim: { name: 'groups', value: 'readers' } }],
    });
    const parameters = parametersOf(withPolicy(trusting), 'posthorn-dev-policy');
    const { '/posthorn/dev/mesh/issuers/corporate': issuer, '/posthorn/dev/mesh/roles/reader': role } = parameters;

    expect(Object.keys(parameters)).toHaveLength(3);
    expect(issuerSchema.parse(issuer)).toEqual({ id: 'corporate', ...corporate, senders: ['producer:shop', 'agent:asking'] });
    expect(roleRegistrationSchema.parse(role).members).toEqual([{ issuer: 'corporate', claim: { name: 'groups', value: 'readers' } }]);
  });

  test('knows a producer by a role of the same app, which only the deployment names', () => {
    const app = new App();
    const producers = new Stack(app, 'Producers');
    const { roleId, roleArn } = new Role(producers, 'Shop', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const known = definePolicy({ agents, producers: { shop: { ...shop, principalIds: [roleId], arn: roleArn } } });
    const stack = Template.fromStack(new PolicyStack(app, { policy: known }));
    const { Value } = propertiesOf(stack, Template.fromStack(producers), 'AWS::SSM::Parameter', 'Producershop');

    expect(producerRegistrationSchema.parse(JSON.parse(String(Value)))).toEqual({
      id: 'shop',
      sources: shop.sources,
      onBehalfOf: false,
      principalIds: ['state:Shop.RoleId'],
      arn: 'state:Shop.Arn',
    });
  });

  test('is that of the app, in one that joins a mesh', () => {
    const synthesized = withPolicy(policy, { join: true, appName: 'shipping' });

    expect(Object.keys(parametersOf(synthesized, 'posthorn-dev-policy-shipping')).sort()).toEqual([
      '/posthorn/dev/shipping/producers/shop',
      '/posthorn/dev/shipping/roles/customer',
      '/posthorn/dev/shipping/roles/operator',
    ]);
  });

  test('is all that a change of the policy changes', () => {
    const changed = definePolicy({ agents, producers: { shop: { ...shop, onBehalfOf: true } }, roles: { operator: { asking: ['*'] } } });
    const templatesOf = ({ state, agent }: ReturnType<typeof withPolicy>) =>
      [state, agent('asking'), agent('answering')].map((template) => template.toJSON());
    const [before, after, without] = [withPolicy(policy), withPolicy(changed), withPolicy(undefined)];

    expect(parametersOf(after, '-policy')).not.toEqual(parametersOf(before, '-policy'));
    expect(templatesOf(after)).toEqual(templatesOf(before));
    expect(templatesOf(without)).toEqual(templatesOf(before));
    expect(without.stackNames).not.toContain('posthorn-dev-policy');
  });

  test('warns of agents of other apps, which may be slips', () => {
    const foreign = definePolicy({ agents, foreignAgents: ['billing'], roles: { payer: { billing: ['pay'] } } });

    expect(withPolicy(foreign).warnings).toEqual([
      [
        'posthorn-dev-policy',
        "policy: it names 'billing', which this app does not have; joined repositories may have it [ack: posthorn:foreign-agent]",
      ],
    ]);
  });
});

test('a policy of an app that joins without a name is refused: it would count nowhere', () => {
  expect(() => withPolicy(policy, { join: true })).toThrow(
    new RefusedError([
      "setting 'appName' is missing: the policy of an app that joins a mesh applies to the agents of that app; set e.g. -c appName=shipping",
    ]),
  );
});

describe('a registration that is larger than a parameter', () => {
  const stackOf = (given: Policy) => new PolicyStack(new App(), { policy: given });
  /** Sources that come to so many characters in JSON, with what is between them: `","`. */
  const sources = (characters: number): readonly string[] =>
    characters <= 512 ? ['x'.repeat(characters)] : ['x'.repeat(497), ...sources(characters - 500)];
  const producer = (characters: number, principalIds: readonly string[] = ['AROASHOP']) =>
    definePolicy({ agents, producers: { shop: { principalIds, sources: sources(characters) } } });

  test('is refused with the name of its producer, to the byte', () => {
    const rest = Buffer.byteLength(JSON.stringify(producer(1).producers[0])) - 1;

    expect(() => stackOf(producer(8_192 - rest))).not.toThrow();
    expect(() => stackOf(producer(8_193 - rest))).toThrow(
      new RefusedError([
        "producer 'shop': its registration has 8193 bytes, more than the 8192 of an SSM parameter; divide it into several producers",
      ]),
    );
  });

  test('is refused with the name of its role', () => {
    const foreignAgents = Array.from({ length: 200 }, (_, index) => `${'agent-'.repeat(7)}${index}`);
    const bindings = foreignAgents.map((agent) => ({ role: 'member', agent }) as const);

    expect(() => stackOf(definePolicy({ agents, foreignAgents, roles: { member: {} }, bindings }))).toThrow(
      /^role 'member': its registration has \d+ bytes, more than the 8192 of an SSM parameter; divide it into several roles$/,
    );
  });

  test('is refused with the name of its issuer', () => {
    const jwks = { keys: [{ kty: 'RSA', n: 'x'.repeat(8_192), e: 'AQAB' }] };

    expect(() =>
      stackOf(definePolicy({ agents, issuers: { corporate: { issuer: 'corporate', keys: { jwks }, senders: 'subject' } } })),
    ).toThrow(
      /^issuer 'corporate': its registration has \d+ bytes, more than the 8192 of an SSM parameter; give it fewer senders, or a URL for its keys$/,
    );
  });

  test('counts 64 bytes for what the deployment fills in', () => {
    const stack = new Stack();
    const { roleId } = new Role(stack, 'Shop', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const known = Buffer.byteLength(JSON.stringify(producer(1, ['x'.repeat(64)]).producers[0])) - 1;

    expect(() => stackOf(producer(8_192 - known, [roleId]))).not.toThrow();
    expect(() => stackOf(producer(8_193 - known, [roleId]))).toThrow(/^producer 'shop': its registration has 8193 bytes/);
  });
});
