import { Annotations } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { addMesh } from '../../infra/index.ts';
import { fixtureAgents, synthesize, synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

// Two repositories, one mesh: the owner has the agent `answering`, the joiner `asking`, which sends to it.
const ofId = (id: string) => fixtureAgents.filter(({ definition }) => definition.id === id);
const owner = synthesizeFixture({ prefix: 'acme', stage: 'test' }, ofId('answering'));
const joiner = synthesizeFixture({ prefix: 'acme', stage: 'test', join: true }, ofId('asking'));
const whole = synthesizeFixture({ prefix: 'acme', stage: 'test' });

const templateSchema = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

const importsOf = (value: unknown): readonly string[] =>
  [...JSON.stringify(value).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name = '']) => name);

describe('an app that joins a mesh', () => {
  test('has the stacks of its own agents, and the owner none of them', () => {
    expect(owner.stackNames).toEqual(['acme-test-state', 'acme-test-agent-answering']);
    expect(joiner.stackNames).toEqual(['acme-test-agent-asking']);
  });

  test('has no state, and otherwise what its agents have in the app of the owner', () => {
    const typesOf = (template: typeof owner.state) =>
      Object.entries(templateSchema.parse(template.toJSON()).Resources).map(([id, { Type }]) => `${id} ${Type}`);

    expect(typesOf(joiner.agent('asking'))).toEqual(typesOf(whole.agent('asking')));
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SNS::Topic', 'AWS::KMS::Key'])
      joiner.agent('asking').resourceCountIs(type, 0);
  });

  test('knows what is shared by its name', () => {
    expect(propertiesOf(joiner.agent('asking'), owner.state, 'AWS::Lambda::Function', 'AgentFunction')).toMatchObject({
      Environment: {
        Variables: {
          POSTHORN_LEDGER_TABLE: 'acme-test-ledger',
          POSTHORN_CONTENT_BUCKET: 'acme-test-content-AWS::AccountId-AWS::Region',
          POSTHORN_ALERT_TOPIC_ARN: 'arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:acme-test-alerts',
          POSTHORN_REPLIES_QUEUE_URL: '(AgentInbox before acme-test-asking-inbox)acme-test-replies',
        },
      },
    });
    expect(propertiesOf(joiner.agent('asking'), owner.state, 'AWS::CloudWatch::Alarm', 'AgentAlarmsdlqdepthcritical')).toMatchObject({
      AlarmActions: ['arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:acme-test-alerts'],
    });
    const policy = JSON.stringify(propertiesOf(joiner.agent('asking'), owner.state, 'AWS::IAM::Policy', 'AgentFunctionRoleDefaultPolicy'));
    for (const arn of [
      'arn:AWS::Partition:dynamodb:AWS::Region:AWS::AccountId:table/acme-test-ledger',
      'arn:AWS::Partition:s3:::acme-test-content-AWS::AccountId-AWS::Region',
      'arn:AWS::Partition:s3:::acme-test-content-AWS::AccountId-AWS::Region/sha-256/*',
      'arn:AWS::Partition:sqs:AWS::Region:AWS::AccountId:acme-test-replies',
      'arn:AWS::Partition:sqs:AWS::Region:AWS::AccountId:acme-test-answering-inbox',
      'arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:acme-test-alerts',
    ])
      expect(policy).toContain(`"${arn}"`);
  });

  test('imports one value, whose name says the version of the mesh, and which the owner exports', () => {
    expect(importsOf(joiner.agent('asking').toJSON())).toEqual(['acme-test-contract-2']);
    owner.state.hasOutput('Contract', { Export: { Name: 'acme-test-contract-2' } });
  });

  test('needs the version before its function may handle a message', () => {
    const json = JSON.stringify(joiner.agent('asking').findResources('AWS::IAM::Policy'));
    const [policyId = ''] = Object.keys(joiner.agent('asking').findResources('AWS::IAM::Policy'));

    expect(importsOf(JSON.parse(json))).toEqual(['acme-test-contract-2']);
    const [mapping] = Object.values(joiner.agent('asking').findResources('AWS::Lambda::EventSourceMapping'));
    expect(mapping?.DependsOn).toContain(policyId);
  });

  test('may use the key of the alert topic, which its owner encrypts alerts with', () => {
    const { PolicyDocument } = propertiesOf(joiner.agent('asking'), owner.state, 'AWS::IAM::Policy', 'AgentFunctionRoleDefaultPolicy');

    expect(PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ Sid: 'EncryptAlerts', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: 'state:AlertKey.Arn' }),
      ]),
    });
  });
});

describe('an agent in sendsTo that the app does not have', () => {
  const warning = (meant = '') =>
    `agent 'asking': sendsTo names 'answering', which this app does not have; joined repositories may have it${meant} [ack: posthorn:foreign-agent]`;

  test.each([true, false])('is warned of, and listed in the template of who sends to it, join %s', (join) => {
    const { warnings, agent } = synthesizeFixture({ prefix: 'acme', stage: 'test', join }, ofId('asking'));

    expect(warnings).toEqual([['acme-test-agent-asking', warning()]]);
    expect(agent('asking').toJSON().Metadata).toEqual({ 'posthorn:foreign-agents': ['answering'] });
  });

  test('is not warned of where the app acknowledges that another repository has it', () => {
    const { warnings, agent } = synthesize({ join: true }, (app) => {
      addMesh(app, { agents: ofId('asking') });
      Annotations.of(app).acknowledgeWarning('posthorn:foreign-agent', 'the answers team has it');
    });

    expect(warnings).toEqual([]);
    expect(agent('asking').toJSON().Metadata).toEqual({ 'posthorn:foreign-agents': ['answering'] });
  });

  test('is no longer foreign once the app has it', () => {
    expect(whole.warnings).toEqual([]);
    expect(whole.agent('asking').toJSON()).not.toHaveProperty('Metadata');
  });

  test('may be a slip: an id that is close to it is suggested', () => {
    const [asking] = ofId('asking');
    const [answering] = ofId('answering');
    if (asking === undefined || answering === undefined) throw new Error('the fixture agents are gone');
    const misspelt = { ...asking, definition: { ...asking.definition, sendsTo: ['answring', 'billing'] } };
    const { warnings } = synthesize({}, (app) => void addMesh(app, { agents: [misspelt, answering] }));

    expect(warnings.map(([, text]) => text)).toEqual([
      expect.stringContaining("'answring', which this app does not have; joined repositories may have it; did you mean 'answering'?"),
      expect.stringMatching(/'billing', which this app does not have; joined repositories may have it \[ack/),
    ]);
  });
});
