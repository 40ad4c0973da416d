import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { MemoryPorts } from '../helpers/memory-ports.ts';
import { createMessage, createRecord } from '../helpers/records.ts';
import { leastOptions, startAgent } from '../unit/runtime/pipeline/testing-agent.ts';
import { synthesizeFixture } from './fixture-mesh.ts';
import { grantsIn } from './grants-in.ts';
import { readable } from './readable.ts';

const fixture = synthesizeFixture();
const { state, agent } = fixture;
const grantsOf = (id: string) => grantsIn(fixture, id);

const queueOf = (name: string) => `arn:AWS::Partition:sqs:AWS::Region:AWS::AccountId:posthorn-dev-${name}`;

describe('what an agent may do', () => {
  test('is exactly what delivering its messages takes', () => {
    expect(grantsOf('asking')).toEqual({
      Log: { can: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: ['AgentFunctionLogs.Arn'] },
      ConsumeInbox: {
        can: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        on: ['AgentInbox.Arn'],
      },
      RecordOutcomes: {
        can: ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'],
        on: ['state:Ledger.Arn'],
        if: {
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': ['asking * *', 'unopened:asking *', 'refused:asking *', 'conflict:* asking * *', 'alert:* asking *'],
          },
        },
      },
      ReadAccess: {
        can: ['dynamodb:GetItem'],
        on: ['state:RegistryTable.Arn'],
        if: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] } },
      },
      AddMetrics: {
        can: ['dynamodb:UpdateItem'],
        on: ['state:MetricsTable.Arn'],
        if: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['asking#*'] } },
      },
      KeepContent: {
        can: ['s3:GetObject', 's3:PutObject'],
        on: ['arn:AWS::Partition:s3:::posthorn-dev-content-AWS::AccountId-AWS::Region/sha-256/*'],
      },
      MissContent: { can: ['s3:ListBucket'], on: ['state:Content.Arn'] },
      Alert: { can: ['sns:Publish'], on: ['state:Alerts'] },
      EncryptAlerts: { can: ['kms:Decrypt', 'kms:GenerateDataKey'], on: ['state:AlertKey.Arn'] },
      Send: {
        can: ['sqs:SendMessage'],
        on: ['AgentDeadLetterQueue.Arn', 'AgentErrorQueue.Arn', 'state:Replies.Arn', queueOf('answering-inbox')],
      },
      Reply: {
        can: ['sqs:SendMessage'],
        on: [queueOf('*-inbox')],
        if: { StringEquals: { 'aws:ResourceTag/posthorn:receives-replies': 'posthorn-dev' } },
      },
    });
  });

  test('includes no queue of an agent that its definition does not name', () => {
    expect(grantsOf('answering').Send?.on).toEqual(['AgentDeadLetterQueue.Arn', 'AgentErrorQueue.Arn', 'state:Replies.Arn']);
  });

  test('covers each record that its runtime reads or writes, and none of another agent', async () => {
    const conditionSchema = z.object({ 'ForAllValues:StringLike': z.object({ 'dynamodb:LeadingKeys': z.array(z.string()) }) });
    const mayTouch = (id: string) => {
      const patterns = conditionSchema.parse(grantsOf(id).RecordOutcomes?.if)['ForAllValues:StringLike']['dynamodb:LeadingKeys'];
      const like = patterns.map((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`));
      return (key: string) => like.some((pattern) => pattern.test(key));
    };
    const ports = new MemoryPorts();
    const asked = new Set<string>();
    ports.faults.read = (messageKeys) => messageKeys.forEach((key) => void asked.add(key));
    ports.faults.write = (writes) => writes.forEach(({ record }) => void asked.add(record.messageKey));
    const handle = async () => {
      throw new RangeError('a bug');
    };
    const deliver = startAgent(ports, defineAgent({ ...leastOptions, id: 'asking', input: z.unknown(), handle }));
    await deliver(createMessage('a'), createRecord('no envelope'));
    await deliver(createMessage('a', { text: 'something else' }));

    const keys = [...asked];
    expect(keys.map((key) => key.split(/[ :]/)[0]).sort()).toEqual(['alert', 'asking', 'conflict', 'unopened']);
    expect(keys.filter(mayTouch('asking'))).toEqual(keys);
    expect(keys.filter(mayTouch('answering'))).toEqual([]);
  });

  test('names each action, and has a wildcard in a resource only for content under its digest and for inboxes with a tag', () => {
    for (const [sid, { can, on }] of [...Object.entries(grantsOf('asking')), ...Object.entries(grantsOf('answering'))]) {
      expect(can.filter((action) => action.includes('*'))).toEqual([]);
      if (sid !== 'Reply') expect(on.filter((resource) => resource.includes('*') && !resource.endsWith('/sha-256/*'))).toEqual([]);
    }
  });

  test('comes from no managed policy and from one policy of its own', () => {
    agent('asking').resourceCountIs('AWS::IAM::Policy', 1);
    expect(readable(Object.values(agent('asking').findResources('AWS::IAM::Role')), state)).toEqual([
      {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
          },
          Tags: [{ Key: 'posthorn:mesh', Value: 'posthorn-dev' }],
        },
      },
    ]);
  });
});
