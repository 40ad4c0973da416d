import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { agentRegistrationSchema, registrationName } from '../../events/registration.ts';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { addMesh, RefusedError } from '../../infra/index.ts';
import { fixtureAgents, type Synthesized, synthesize, synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const none = synthesizeFixture({ authentication: 'none' });
const iam = synthesizeFixture();
const [answering, asking] = fixtureAgents;
if (answering === undefined || asking === undefined) throw new Error('the fixture agents are gone');

const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown(),
  Action: z.string(),
  Resource: z.string(),
  Condition: z.unknown().optional(),
});

/** The statements of a queue's policy, without the one that every queue has. */
function statementsOf({ agent, state }: Synthesized, id: string, queue: string) {
  const { PolicyDocument } = propertiesOf(agent(id), state, 'AWS::SQS::QueuePolicy', `Agent${queue}Policy`);
  const { Statement } = z.object({ Statement: z.array(statementSchema) }).parse(PolicyDocument);
  const [tls, ...others] = Statement;
  expect(tls).toMatchObject({ Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  return others;
}

const refusingStrangers = (condition: object) => ({
  Sid: 'RefuseStrangers',
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:SendMessage',
  Resource: 'AgentInbox.Arn',
  Condition: condition,
});

describe.each(['answering', 'asking'])('the queues of agent %s in a mesh that authenticates', (id) => {
  test('refuse what is sent to the inbox by a principal without the tag, and nothing else', () => {
    expect(statementsOf(iam, id, 'Inbox')).toEqual([
      refusingStrangers({ StringNotEquals: { 'aws:PrincipalTag/posthorn:mesh': 'posthorn-dev' } }),
    ]);
  });

  test('refuse that anybody moves dead letters, which would hide who sent them', () => {
    expect(statementsOf(iam, id, 'DeadLetterQueue')).toEqual([
      {
        Sid: 'RedriveByPosthorn',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'sqs:StartMessageMoveTask',
        Resource: 'AgentDeadLetterQueue.Arn',
      },
    ]);
    expect(statementsOf(iam, id, 'ErrorQueue')).toEqual([]);
  });

  test('take what an agent of the same mesh sends: its role has the tag that they ask for', () => {
    const [role, ...others] = Object.values(iam.agent(id).findResources('AWS::IAM::Role'));

    expect(others).toEqual([]);
    expect(role?.Properties.Tags).toEqual([{ Key: 'posthorn:mesh', Value: 'posthorn-dev' }]);
  });
});

test('a mesh has the tag of its prefix and stage, so that the agents of another mesh are strangers', () => {
  const other = synthesizeFixture({ prefix: 'acme', stage: 'test' });
  const tag = { Key: 'posthorn:mesh', Value: 'acme-test' };

  expect(Object.values(other.agent('asking').findResources('AWS::IAM::Role'))[0]?.Properties.Tags).toEqual([tag]);
  expect(statementsOf(other, 'asking', 'Inbox')).toEqual([
    refusingStrangers({ StringNotEquals: { 'aws:PrincipalTag/posthorn:mesh': tag.Value } }),
  ]);
});

test("registry, probe, operations and the edge's log have no such tag: they send nothing", () => {
  expect(Object.values(iam.state.findResources('AWS::IAM::Role')).map(({ Properties }) => Properties.Tags)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a sender may lack the tag where the stage names it', () => {
  const untaggedSenders = ['arn:aws:iam::111122223333:role/orders', 'arn:aws:iam::111122223333:user/legacy'];
  const lenient = synthesizeFixture({ untaggedSenders: JSON.stringify(untaggedSenders) });

  // Both operators must match for the statement to deny.
  expect(statementsOf(lenient, 'asking', 'Inbox')).toEqual([
    refusingStrangers({
      StringNotEquals: { 'aws:PrincipalTag/posthorn:mesh': 'posthorn-dev' },
      ArnNotEquals: { 'aws:PrincipalArn': untaggedSenders },
    }),
  ]);
});

test('a mesh that does not authenticate refuses nobody, and its agents know it', () => {
  for (const id of ['answering', 'asking']) {
    for (const queue of ['Inbox', 'DeadLetterQueue', 'ErrorQueue']) expect(statementsOf(none, id, queue)).toEqual([]);
  }
  const authenticationOf = ({ agent, state }: Synthesized) =>
    propertiesOf(agent('asking'), state, 'AWS::Lambda::Function', 'AgentFunction').Environment;
  expect(authenticationOf(none)).toMatchObject({ Variables: { POSTHORN_AUTHENTICATION: 'none' } });
  expect(authenticationOf(iam)).toMatchObject({ Variables: { POSTHORN_AUTHENTICATION: 'iam' } });
});

describe('the registration of an agent', () => {
  const parameterOf = ({ agent }: Synthesized, state = iam.state) =>
    propertiesOf(agent('asking'), state, 'AWS::SSM::Parameter', 'AgentRegistration');
  const joining = (context: object = {}) => synthesizeFixture({ join: true, ...context }, [asking]);

  test('has the role that SQS stamps on its messages, its inbox, and whom it sends to', () => {
    const { Value, Tier, Type } = parameterOf(iam);

    expect({ Tier, Type }).toEqual({ Tier: 'Intelligent-Tiering', Type: 'String' });
    expect(agentRegistrationSchema.parse(JSON.parse(String(Value)))).toEqual({
      id: 'asking',
      version: '1.0.0',
      capabilities: ['asking'],
      roleId: 'AgentFunctionRole.RoleId',
      roleArn: 'AgentFunctionRole.Arn',
      queue: 'posthorn-dev-asking-inbox',
      calls: ['answering'],
      callsCapabilities: [],
      receivesReplies: false,
      concurrency: 7,
      latencyGoalSeconds: 30,
      authentication: 'iam',
      actions: {},
      card: expect.anything(),
    });
  });

  test('has its actions, with what is left out', () => {
    const { definition } = asking;
    const input = z.unknown();
    const actions = { answer: { types: ['question.asked'], allow: ['reader'] }, forget: {} };
    const acting = { ...asking, definition: defineAgent({ ...definition, input, actions, handle: async () => {} }) };
    const { Value } = parameterOf(synthesize({}, (app) => void addMesh(app, { agents: [answering, acting] })));

    expect(agentRegistrationSchema.parse(JSON.parse(String(Value))).actions).toEqual({
      answer: { types: ['question.asked'], allow: ['reader'] },
      forget: { types: [], allow: [] },
    });
  });

  test.each([
    ['that owns the mesh', iam, 'mesh'],
    ['that joins it under a name', joining({ appName: 'shipping' }), 'shipping'],
    ['that joins it without one, where it is an app of its own', joining(), 'asking'],
  ])('is under the name of the app %s', (_, synthesized, app) => {
    expect(parameterOf(synthesized).Name).toBe(registrationName({ prefix: 'posthorn', stage: 'dev' }, app, 'agents', 'asking'));
  });

  test('exists before its agent receives a message', () => {
    const [id] = Object.keys(iam.agent('asking').findResources('AWS::SSM::Parameter'));
    const [mapping] = Object.values(iam.agent('asking').findResources('AWS::Lambda::EventSourceMapping'));

    expect(mapping?.DependsOn).toContain(id);
  });

  test('changes no stack of another agent, nor that of the state', () => {
    const alone = synthesizeFixture({}, [answering]);

    expect(alone.agent('answering').toJSON()).toEqual(iam.agent('answering').toJSON());
    expect(alone.state.toJSON()).toEqual(iam.state.toJSON());
  });
});

test.each([
  ['mesh-registry', "agent 'mesh-registry': ids that begin with 'mesh-' are those of the mesh's own functions; choose another id"],
  ['mesh', "agent 'mesh': this id is the name of the app that owns the mesh; choose another id"],
])("an agent with the id %s is refused: it would take the mesh's place", (id, message) => {
  const agents = [{ ...answering, definition: { ...answering.definition, id } }];

  expect(() => addMesh(new App(), { agents })).toThrow(new RefusedError([message]));
});

test('the name of an app belongs to one that joins', () => {
  const refusal = "setting 'appName': the app that owns the mesh registers as 'mesh'; set it only in apps with 'join', or remove it";

  expect(() => synthesizeFixture({ appName: 'shipping' })).toThrow(new RefusedError([refusal]));
  expect(() => synthesizeFixture({ join: true, appName: 'mesh' })).toThrow(/^setting 'appName' is a string that is not valid/);
});
