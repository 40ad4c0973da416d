import { describe, expect, test } from 'vitest';
import { agentRegistrationSchema } from '../../events/registration.ts';
import { type AddMeshProps, addMesh, definePolicy, RefusedError } from '../../infra/index.ts';
import { fixtureAgents, type Synthesized, synthesize, synthesizeFixture } from './fixture-mesh.ts';
import { grantsIn } from './grants-in.ts';
import { propertiesOf } from './readable.ts';

const [answering, asking] = fixtureAgents;
if (answering === undefined || asking === undefined) throw new Error('the fixture agents are gone');

const tokens = { tokenUrl: 'https://idp.example.com/token', clientId: 'mesh', secretParameter: '/acme/mesh-client', scope: 'send' };
const iam = synthesizeFixture();
const byAws = synthesizeFixture({ authentication: 'jwt', issuersElsewhere: true });
const byProvider = synthesizeFixture({ authentication: 'jwt', issuersElsewhere: true, tokens });

const environmentOf = ({ agent, state }: Synthesized, id: string) =>
  propertiesOf(agent(id), state, 'AWS::Lambda::Function', 'AgentFunction').Environment;

/** What an agent may do only because it wants tokens. */
function grantedForTokens(synthesized: Synthesized, id: string) {
  const [before, after] = [grantsIn(iam, id), grantsIn(synthesized, id)];
  expect(after).toMatchObject(before);
  return Object.fromEntries(Object.entries(after).filter(([sid]) => !(sid in before)));
}

const getting = (audience: string) => ({
  can: ['sts:GetWebIdentityToken'],
  on: ['*'],
  if: { 'ForAllValues:StringLike': { 'sts:IdentityTokenAudience': [audience] } },
});

describe('an agent that asks AWS for tokens', () => {
  test.each(['asking', 'answering'])('gets those for the agents of its mesh, which it may reply to, and no others: %s', (id) => {
    expect(grantedForTokens(byAws, id)).toEqual({ GetTokens: getting('posthorn-dev/*') });
  });

  test('gets them for the agents of its own mesh', () => {
    const context = { authentication: 'jwt', issuersElsewhere: true, prefix: 'acme', stage: 'test' };
    const other = synthesize(context, (app) => void addMesh(app, { agents: [answering, asking] }));

    expect(grantsIn(other, 'asking').GetTokens).toEqual(getting('acme-test/*'));
  });

  test('knows no other party that issues them', () => {
    expect(environmentOf(byAws, 'asking')).toMatchObject({ Variables: { POSTHORN_AUTHENTICATION: 'jwt' } });
    expect(environmentOf(byAws, 'asking')).not.toHaveProperty('Variables.POSTHORN_TOKENS');
  });
});

describe('an agent that asks an identity provider for tokens', () => {
  const secret = 'arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/acme/mesh-client';

  test.each(['asking', 'answering'])("reads its client's secret, and gets no tokens of AWS: %s", (id) => {
    expect(grantedForTokens(byProvider, id)).toEqual({ ReadClientSecret: { can: ['ssm:GetParameter'], on: [secret] } });
  });

  test('may have its secret in a parameter without a path', () => {
    const flat = { ...tokens, secretParameter: 'mesh-client' };
    const { ReadClientSecret } = grantsIn(synthesizeFixture({ authentication: 'jwt', issuersElsewhere: true, tokens: flat }), 'asking');

    expect(ReadClientSecret?.on).toEqual([secret.replace('/acme/', '/')]);
  });

  test('is told where the provider and the secret are, and no secret', () => {
    expect(environmentOf(byProvider, 'asking')).toMatchObject({ Variables: { POSTHORN_TOKENS: JSON.stringify(tokens) } });
    expect(JSON.stringify(byProvider.agent('asking').toJSON())).not.toContain('resolve:ssm');
  });

  test('is told and granted nothing of it where no tokens are wanted', () => {
    const plain = synthesizeFixture({ tokens });

    expect(plain.agent('asking').toJSON()).toEqual(iam.agent('asking').toJSON());
  });
});

test.each([
  ['iam', iam],
  ['jwt', byAws],
])('the registration of an agent says that it knows its senders by %s', (authentication, { agent, state }) => {
  const { Value } = propertiesOf(agent('asking'), state, 'AWS::SSM::Parameter', 'AgentRegistration');

  expect(agentRegistrationSchema.parse(JSON.parse(String(Value)))).toMatchObject({ authentication });
});

test('tokens change nothing of what the agents share, nor of what SQS refuses', () => {
  const queuePolicies = ({ agent }: Synthesized) => agent('asking').findResources('AWS::SQS::QueuePolicy');

  expect(byAws.state.toJSON()).toEqual(iam.state.toJSON());
  expect(queuePolicies(byAws)).toEqual(queuePolicies(iam));
});

describe('a mesh whose agents want tokens', () => {
  const agents = fixtureAgents.map(({ definition }) => definition);
  const issuer = {
    issuer: 'https://tokens.example.com',
    keys: { jwksUri: 'https://tokens.example.com/jwks' },
    senders: 'subject',
  } as const;
  const trusting = definePolicy({ agents, issuers: { aws: issuer } });
  const adding =
    (context: object, props: Pick<AddMeshProps, 'policy'> = {}) =>
    () =>
      synthesize({ authentication: 'jwt', ...context }, (app) => void addMesh(app, { agents: fixtureAgents, ...props }));
  const NO_ISSUER = new RefusedError([
    "setting 'authentication': jwt needs an issuer of tokens, and the policy has none; add one to its issuers, or set issuersElsewhere if something else registers it",
  ]);

  test.each<[string, Pick<AddMeshProps, 'policy'>]>([
    ['a policy', {}],
    ['an issuer in its policy', { policy: definePolicy({ agents }) }],
  ])('is refused without %s: nobody could send', (_, props) => {
    expect(adding({}, props)).toThrow(NO_ISSUER);
    expect(adding({ tokens }, props)).toThrow(NO_ISSUER);
  });

  test.each<[string, object, Pick<AddMeshProps, 'policy'>]>([
    ['with an issuer in its policy', {}, { policy: trusting }],
    ['whose issuers are registered elsewhere', { issuersElsewhere: true }, {}],
    ['that another app owns, which has the issuers', { join: true }, {}],
    ['that another app owns, whatever the policy of this app', { join: true, appName: 'shipping' }, { policy: definePolicy({ agents }) }],
    ['that wants none after all', { authentication: 'iam' }, {}],
  ])('is accepted %s', (_, context, props) => {
    expect(adding(context, props)().stackNames).toContain('posthorn-dev-agent-asking');
  });
});
