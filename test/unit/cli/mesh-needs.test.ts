import { describe, expect, test } from 'vitest';
import { meshNeeds, withoutAgents } from '../../../cli/commands/dev/foreign/mesh-needs.ts';

const CONTRACT = 'posthorn-dev-contract-2';
const DEV = { prefix: 'posthorn', stage: 'dev' };

/** The stack of an agent that offers and calls capabilities. */
const capableStack = (
  agent: string,
  { offers = [], calls = [] }: { readonly offers?: readonly string[]; readonly calls?: readonly string[] },
) => {
  const conditions = calls.map((id) => ({ StringEquals: { [`aws:ResourceTag/posthorn:capability:${id}`]: 'posthorn-dev' } }));
  const Tags = offers.map((id) => ({ Key: `posthorn:capability:${id}`, Value: 'posthorn-dev' }));
  return {
    name: agent,
    template: {
      Resources: {
        Inbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `posthorn-dev-${agent}-inbox`, Tags } },
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyDocument: { Statement: conditions.map((Condition) => ({ Condition })) },
            Key: { 'Fn::ImportValue': CONTRACT },
          },
        },
      },
      ...{ Parameters: {}, Conditions: {}, Outputs: {} },
    },
  };
};

/** The stack of an agent, which imports exports and sends to foreign agents. */
const agentStack = (inbox: string, imports: readonly string[], foreign?: readonly string[]) => ({
  name: inbox,
  template: {
    ...(foreign && { Metadata: { 'posthorn:foreign-agents': foreign } }),
    Resources: {
      Inbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: inbox } },
      Role: { Type: 'AWS::IAM::Role', Properties: { Keys: imports.map((name) => ({ 'Fn::ImportValue': name })) } },
    },
    ...{ Parameters: {}, Conditions: {}, Outputs: {} },
  },
});

const stateStack = (exportName: string) => ({
  name: 'state',
  template: { Resources: {}, Parameters: {}, Conditions: {}, Outputs: { Contract: { Value: 'key', Export: { Name: exportName } } } },
});

describe('the mesh of an app', () => {
  test('is joined where its contract is imported and not exported', () => {
    const joining = [
      agentStack('posthorn-dev-asking-inbox', [CONTRACT, 'network-vpc']),
      agentStack('posthorn-dev-other-inbox', [CONTRACT]),
    ];

    expect(meshNeeds(joining).joined).toEqual([DEV]);
    expect(meshNeeds([...joining, stateStack(CONTRACT)]).joined).toEqual([]);
    expect(meshNeeds([agentStack('asking', ['network-contract', 'state'])]).joined).toEqual([]);
  });

  test('is joined beside one that the app owns', () => {
    const stacks = [stateStack(CONTRACT), agentStack('posthorn-prod-asking-inbox', ['posthorn-prod-contract-2'])];

    expect(meshNeeds(stacks).joined).toEqual([{ prefix: 'posthorn', stage: 'prod' }]);
  });
});

describe('foreign agents', () => {
  test('are those that the senders name, each once, in alphabetical order, whoever owns the mesh', () => {
    const senders = [
      agentStack('posthorn-dev-asking-inbox', [CONTRACT], ['shipping', 'billing']),
      agentStack('posthorn-dev-other-inbox', [CONTRACT], ['billing']),
    ];
    const foreignAgents = [
      { mesh: DEV, id: 'billing', functionName: 'posthorn-dev-billing' },
      { mesh: DEV, id: 'shipping', functionName: 'posthorn-dev-shipping' },
    ];

    expect(meshNeeds(senders)).toEqual({ joined: [DEV], foreignAgents });
    expect(meshNeeds([stateStack(CONTRACT), ...senders])).toEqual({ joined: [], foreignAgents });
  });

  test('are not those that the app has after all', () => {
    const stacks = [agentStack('posthorn-dev-asking-inbox', [CONTRACT], ['billing']), agentStack('posthorn-dev-billing-inbox', [CONTRACT])];

    expect(meshNeeds(stacks).foreignAgents).toEqual([]);
  });

  test('are in the mesh of their sender', () => {
    const stacks = [
      agentStack('posthorn-dev-asking-inbox', [CONTRACT], ['billing']),
      agentStack('posthorn-prod-asking-inbox', ['posthorn-prod-contract-2'], ['billing']),
    ];

    expect(meshNeeds(stacks).foreignAgents.map(({ functionName }) => functionName)).toEqual([
      'posthorn-dev-billing',
      'posthorn-prod-billing',
    ]);
  });
});

describe('capabilities that the app calls and does not offer', () => {
  const foreignOf = (...stacks: Parameters<typeof meshNeeds>[0]) =>
    meshNeeds(stacks).foreignAgents.map(({ id, capability, suggestion }) => [id, capability, suggestion]);

  test('have a foreign agent each, whoever calls them, with the capability that may have been meant', () => {
    const asking = capableStack('asking', { offers: ['asking', 'rating'], calls: ['translation', 'ratings', 'asking'] });

    expect(foreignOf(asking, capableStack('other', { calls: ['translation'] }))).toEqual([
      ['ratings', 'ratings', 'rating'],
      ['translation', 'translation', undefined],
    ]);
    expect(foreignOf(asking, capableStack('translating', { offers: ['translation', 'ratings'] }))).toEqual([]);
  });

  test('are offered by a foreign agent that is named as they are', () => {
    const named = agentStack('posthorn-dev-other-inbox', [CONTRACT], ['billing', 'shipping']);

    expect(foreignOf(named, capableStack('asking', { calls: ['billing'] }))).toEqual([
      ['billing', 'billing', undefined],
      ['shipping', undefined, undefined],
    ]);
  });

  test('have an agent of another id, where an agent of the app or the mesh has theirs', () => {
    const long = 'x'.repeat(48);
    const stacks = [
      capableStack('asking', { calls: ['billing', 'mesh-probe', 'mesh', long] }),
      ...['billing', long, `double-${long}`.slice(0, 48)].map((id) => capableStack(id, {})),
    ];

    expect(foreignOf(...stacks).map(([id, capability]) => [id, capability])).toEqual([
      ['double-billing', 'billing'],
      ['double-mesh', 'mesh'],
      ['double-mesh-probe', 'mesh-probe'],
      [`double2-${long}`.slice(0, 48), long],
    ]);
  });

  test('are a change of the double, which then offers another', () => {
    const [named] = meshNeeds([agentStack('posthorn-dev-asking-inbox', [CONTRACT], ['billing'])]).foreignAgents;
    const [called] = meshNeeds([capableStack('asking', { calls: ['billing'] })]).foreignAgents;
    if (named === undefined || called === undefined) throw new Error('there is no foreign agent');

    expect(named.functionName).toBe(called.functionName);
    expect(withoutAgents([called], [named])).toEqual([called]);
    expect(withoutAgents([called], [{ ...called }])).toEqual([]);
  });
});
