import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf, readable } from './readable.ts';

const { state, agents } = await synthesizeFixture();

const manyOf = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Sid: z.string(), Effect: z.literal('Allow'), Action: manyOf, Resource: manyOf })),
  }),
});

const grantsOf = (agent: string) => {
  const policy = policySchema.parse(propertiesOf(agents, state, 'AWS::IAM::Policy', `${agent}FunctionRoleDefaultPolicy`));
  return Object.fromEntries(policy.PolicyDocument.Statement.map(({ Sid, Action, Resource }) => [Sid, { can: Action, on: Resource }]));
};

describe('what an agent may do', () => {
  test('is exactly what delivering its messages takes', () => {
    expect(grantsOf('asking')).toEqual({
      Log: { can: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: ['askingFunctionLogs.Arn'] },
      ConsumeInbox: {
        can: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        on: ['askingInbox.Arn'],
      },
      RecordOutcomes: { can: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], on: ['state:Ledger.Arn'] },
      KeepContent: {
        can: ['s3:GetObject', 's3:PutObject'],
        on: ['arn:AWS::Partition:s3:::posthorn-dev-content-AWS::AccountId-AWS::Region/sha-256/*'],
      },
      MissContent: { can: ['s3:ListBucket'], on: ['state:Content.Arn'] },
      Alert: { can: ['sns:Publish'], on: ['state:Alerts'] },
      EncryptAlerts: { can: ['kms:Decrypt', 'kms:GenerateDataKey'], on: ['state:AlertKey.Arn'] },
      Send: {
        can: ['sqs:SendMessage'],
        on: ['answeringInbox.Arn', 'askingDeadLetterQueue.Arn', 'askingErrorQueue.Arn', 'state:Replies.Arn'],
      },
    });
  });

  test('includes no queue of an agent that its definition does not name', () => {
    expect(grantsOf('answering').Send?.on).toEqual(['answeringDeadLetterQueue.Arn', 'answeringErrorQueue.Arn', 'state:Replies.Arn']);
  });

  test('names each action, and has a wildcard in a resource only for content under its digest', () => {
    for (const { can, on } of [...Object.values(grantsOf('asking')), ...Object.values(grantsOf('answering'))]) {
      expect(can.filter((action) => action.includes('*'))).toEqual([]);
      expect(on.filter((resource) => resource.includes('*') && !resource.endsWith('/sha-256/*'))).toEqual([]);
    }
  });

  test('comes from no managed policy and from one policy of its own', () => {
    agents.resourceCountIs('AWS::IAM::Policy', 2);
    agents.resourceCountIs('AWS::IAM::Role', 2);
    expect(readable(Object.values(agents.findResources('AWS::IAM::Role')), state)).toEqual(
      Array.from({ length: 2 }, () => ({
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
          },
        },
      })),
    );
  });
});
