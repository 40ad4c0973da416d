import { describe, expect, test } from 'vitest';
import { meshNeeds } from '../../../cli/commands/dev/foreign/mesh-needs.ts';

const CONTRACT = 'posthorn-dev-contract-2';
const DEV = { prefix: 'posthorn', stage: 'dev' };

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
