import { Annotations } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { addMesh } from '../../infra/index.ts';
import { fixtureAgents, synthesize, synthesizeFixture } from './fixture-mesh.ts';
import { grantsIn } from './grants-in.ts';
import { propertiesOf } from './readable.ts';

const folder = fixtureAgents[0]?.folder ?? '';

interface AgentParts {
  readonly calls?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly receivesReplies?: boolean;
}

const agentOf = (id: string, { calls = [], capabilities = [id], receivesReplies = false }: AgentParts) => ({
  folder,
  definition: defineAgent<z.ZodUnknown, string, string, never, string>({
    id,
    version: '1.0.0',
    description: 'One of a mesh.',
    capabilities: capabilities.map((capability) => ({ id: capability, name: capability, description: capability, tags: [] })),
    calls,
    receivesReplies,
    input: z.unknown(),
    handle: async () => undefined,
  }),
});

const meshOf = (agents: readonly ReturnType<typeof agentOf>[], context: Readonly<Record<string, unknown>> = {}) =>
  synthesize(context, (app) => {
    addMesh(app, { agents });
  });

const ANY_INBOX = 'arn:AWS::Partition:sqs:AWS::Region:AWS::AccountId:posthorn-dev-*-inbox';

test('an agent may send to whoever offers what it calls, and to no other inbox', () => {
  const mesh = meshOf([
    agentOf('asking', { calls: ['sentiment-analysis', 'translation'] }),
    agentOf('sentiment-v1', { capabilities: ['sentiment-analysis'] }),
  ]);
  const { Call, Call1, FindAgents, Send, Reply, ...others } = grantsIn(mesh, 'asking');

  expect(Call).toEqual({
    can: ['sqs:SendMessage'],
    on: [ANY_INBOX],
    if: { StringEquals: { 'aws:ResourceTag/posthorn:capability:sentiment-analysis': 'posthorn-dev' } },
  });
  expect(Call1).toMatchObject({ if: { StringEquals: { 'aws:ResourceTag/posthorn:capability:translation': 'posthorn-dev' } } });
  expect(FindAgents).toEqual({
    can: ['dynamodb:Query'],
    on: ['state:RegistryOffers.Arn'],
    if: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['sentiment-analysis', 'translation'] } },
  });
  expect(Send?.on).toEqual(['AgentDeadLetterQueue.Arn', 'AgentErrorQueue.Arn', 'state:Replies.Arn']);
  expect(Object.values(others).filter(({ can }) => can.includes('sqs:SendMessage'))).toEqual([]);
});

test('every agent may send to the agents that receive replies, and to no other inbox, whatever it calls', () => {
  const mesh = meshOf([agentOf('asking', { receivesReplies: true }), agentOf('answering', {})]);
  const sending = (id: string) => Object.entries(grantsIn(mesh, id)).filter(([, { can }]) => can.includes('sqs:SendMessage'));

  for (const id of ['asking', 'answering'])
    expect(sending(id)).toEqual([
      ['Send', { can: ['sqs:SendMessage'], on: ['AgentDeadLetterQueue.Arn', 'AgentErrorQueue.Arn', 'state:Replies.Arn'] }],
      [
        'Reply',
        {
          can: ['sqs:SendMessage'],
          on: [ANY_INBOX],
          if: { StringEquals: { 'aws:ResourceTag/posthorn:receives-replies': 'posthorn-dev' } },
        },
      ],
    ]);
});

const tagsIn = (mesh: ReturnType<typeof meshOf>, id: string, queue: string) =>
  propertiesOf(mesh.agent(id), mesh.state, 'AWS::SQS::Queue', queue).Tags;

test('the inbox of an agent that receives replies has a tag that says so, and its registration does', () => {
  const mesh = meshOf([agentOf('asking', { receivesReplies: true }), agentOf('answering', {})]);
  const tag = { Key: 'posthorn:receives-replies', Value: 'posthorn-dev' };
  const registered = (id: string) =>
    JSON.parse(String(propertiesOf(mesh.agent(id), mesh.state, 'AWS::SSM::Parameter', 'AgentRegistration').Value)).receivesReplies;

  expect(tagsIn(mesh, 'asking', 'AgentInbox')).toEqual([{ Key: 'posthorn:capability:asking', Value: 'posthorn-dev' }, tag]);
  expect(tagsIn(mesh, 'answering', 'AgentInbox')).not.toContainEqual(tag);
  expect([tagsIn(mesh, 'asking', 'AgentErrorQueue'), tagsIn(mesh, 'asking', 'AgentDeadLetterQueue')]).toEqual([undefined, undefined]);
  expect([registered('asking'), registered('answering')]).toEqual([true, false]);
});

test('an inbox has a tag for each capability of its agent, and no other queue has', () => {
  const mesh = meshOf([agentOf('sentiment-v1', { capabilities: ['sentiment-analysis', 'language-detection'] })]);
  const tagsOf = (queue: string) => tagsIn(mesh, 'sentiment-v1', queue);

  expect(tagsOf('AgentInbox')).toEqual([
    { Key: 'posthorn:capability:language-detection', Value: 'posthorn-dev' },
    { Key: 'posthorn:capability:sentiment-analysis', Value: 'posthorn-dev' },
  ]);
  expect([tagsOf('AgentErrorQueue'), tagsOf('AgentDeadLetterQueue')]).toEqual([undefined, undefined]);
});

test('an agent that comes, goes or is replaced changes no other stack', () => {
  const asking = agentOf('asking', { calls: ['sentiment-analysis'] });
  const first = agentOf('sentiment-v1', { capabilities: ['sentiment-analysis'] });
  const second = agentOf('sentiment-v2', { capabilities: ['sentiment-analysis'] });
  const templates = (mesh: ReturnType<typeof meshOf>) => [mesh.state.toJSON(), mesh.agent('asking').toJSON()];
  const alone = templates(meshOf([asking]));

  for (const agents of [
    [asking, first],
    [asking, first, second],
    [asking, second],
    [asking, agentOf('receiving', { receivesReplies: true })],
  ])
    expect(templates(meshOf(agents))).toEqual(alone);
});

test('with tokens, it may have one for whoever offers what it calls', () => {
  const tokens = { tokenUrl: 'https://idp.example.com/token', clientId: 'mesh', secretParameter: '/mesh/client' };
  const context = { authentication: 'jwt', issuersElsewhere: true };
  const asking = [agentOf('asking', { calls: ['sentiment-analysis'] })];

  expect(grantsIn(meshOf(asking, context), 'asking').GetTokens).toMatchObject({
    if: { 'ForAllValues:StringLike': { 'sts:IdentityTokenAudience': ['posthorn-dev/*'] } },
  });
  expect(grantsIn(meshOf(asking, { ...context, tokens: JSON.stringify(tokens) }), 'asking')).toHaveProperty('ReadClientSecret');
});

test('an agent that calls nothing has none of this', () => {
  const { Call, FindAgents } = grantsIn(synthesizeFixture(), 'asking');

  expect([Call, FindAgents]).toEqual([undefined, undefined]);
  expect(() => agentOf('asking', { calls: Array.from({ length: 21 }, (_, index) => `capability-${index}`) })).toThrow(
    'must name at most 20 capabilities',
  );
});

describe('a capability that no agent of the app offers', () => {
  const asking = agentOf('asking', { calls: ['sentiment-anlysis', 'translation'] });
  const offering = agentOf('sentiment-v1', { capabilities: ['sentiment-analysis'] });
  const ACK = '[ack: posthorn:foreign-capability]';
  const warning = (capability: string, meant = '') =>
    `agent 'asking': calls names the capability '${capability}', which no agent of this app offers: add it to the capabilities of the agent ` +
    `that does it, unless that is in another repository of the mesh${meant} ${ACK}`;
  const misspelt = warning('sentiment-anlysis', "; did you mean 'sentiment-analysis'?");

  test('is warned of, with the nearest one that is offered', () => {
    expect(meshOf([asking, offering]).warnings).toEqual([
      ['posthorn-dev-agent-asking', misspelt],
      ['posthorn-dev-agent-asking', warning('translation')],
    ]);
  });

  test('is expected in an app that joins a mesh, unless its name is close to one of the app', () => {
    expect(meshOf([asking, offering], { join: true }).warnings).toEqual([['posthorn-dev-agent-asking', misspelt]]);
    expect(meshOf([asking], { join: true }).warnings).toEqual([]);
  });

  test('is not warned of where the app says that another repository has it, nor where an agent offers it', () => {
    const acknowledged = synthesize({}, (app) => {
      addMesh(app, { agents: [asking] });
      Annotations.of(app).acknowledgeWarning('posthorn:foreign-capability', 'the language team has them');
    });
    const { warnings } = meshOf([agentOf('asking', { calls: ['sentiment-analysis', 'asking'] }), offering]);

    expect([acknowledged.warnings, warnings]).toEqual([[], []]);
  });

  test('leaves the template of the agent as it is when somebody offers it', () => {
    const template = (others: readonly ReturnType<typeof agentOf>[]) =>
      meshOf([asking, ...others])
        .agent('asking')
        .toJSON();

    expect(template([offering, agentOf('translation', {})])).toEqual(template([]));
  });
});
