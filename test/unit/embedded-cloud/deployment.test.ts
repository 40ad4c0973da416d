import { describe, expect, test } from 'vitest';
import type { Assembly, Stack } from '../../../infra/local/assembly.ts';
import { planDeployment } from '../../../infra/local/deployment.ts';
import { UnsupportedTemplateError } from '../../../infra/local/errors.ts';
import { ignoredLine } from '../../../infra/local/ignored.ts';

const place = { endpoint: 'http://127.0.0.1:4566', region: 'us-east-1', accountId: '000000000000' };

type Resources = Stack['template']['Resources'];
const stack = (name: string, Resources: Resources, more: Partial<Stack['template']> = {}): Stack => ({
  name,
  template: { Resources, Parameters: {}, Conditions: {}, Outputs: {}, ...more },
});
const assembly = (...stacks: readonly Stack[]): Assembly => ({ stacks, assets: new Map([['hash.zip', '/assets/hash']]) });

const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox', SqsManagedSseEnabled: true } };
const worker = {
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'worker', Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { S3Key: 'hash.zip' }, Timeout: '30' },
};
const mapping = {
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { FunctionName: { Ref: 'Worker' }, EventSourceArn: { 'Fn::GetAtt': ['Inbox', 'Arn'] } },
};

describe('planDeployment', () => {
  test('takes over what a mapping says, with the defaults of AWS', () => {
    const { mappings } = planDeployment(assembly(stack('s', { Inbox: queue, Worker: worker, Mapping: mapping })), place);

    expect(mappings).toEqual([
      {
        queueName: 'inbox',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:inbox',
        queueUrl: 'http://127.0.0.1:4566/000000000000/inbox',
        batchSize: 10,
        windowSeconds: 0,
        maxConcurrency: 5,
        reportsBatchItemFailures: false,
        function: {
          name: 'worker',
          arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
          codeDirectory: '/assets/hash',
          handler: 'index.handler',
          timeoutSeconds: 30,
          memoryMegabytes: 128,
          environment: {},
        },
      },
    ]);
  });

  test('resolves exports of another stack, wherever it stands', () => {
    const exported = stack(
      'state',
      { Inbox: queue },
      { Outputs: { O: { Value: { 'Fn::GetAtt': ['Inbox', 'Arn'] }, Export: { Name: 'state:Inbox' } } } },
    );
    const importing = stack('agents', {
      Worker: worker,
      Mapping: { ...mapping, Properties: { ...mapping.Properties, EventSourceArn: { 'Fn::ImportValue': 'state:Inbox' } } },
    });

    expect(planDeployment(assembly(importing, exported), place).mappings[0]?.queueName).toBe('inbox');
  });

  test('names what the template leaves unnamed, the same every time, within the limit of its type', () => {
    const resources = {
      ['A'.repeat(90)]: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      B: { Type: 'AWS::S3::Bucket', Properties: {} },
    };

    const [fifo, bucket] = planDeployment(assembly(stack('Stack', resources)), place).resources;

    expect(fifo?.physicalName).toMatch(/^Stack-A+-[0-9a-f]{8}\.fifo$/);
    expect(fifo?.physicalName).toHaveLength(80);
    expect(bucket?.physicalName).toBe('stack-b');
  });

  test('reports every type and property that has no effect, and a function that nothing feeds', () => {
    const topic = { Type: 'AWS::SNS::Topic', Properties: { TopicName: 't', KmsMasterKeyId: 'k' } };
    const custom = { Type: 'AWS::Lambda::Function', Properties: { Runtime: { 'Fn::FindInMap': ['a', 'b', 'c'] }, Role: 'r' } };
    const role = { Type: 'AWS::IAM::Role', Properties: { anything: { 'Fn::Whatever': 1 } } };

    const { ignored, mappings } = planDeployment(assembly(stack('s', { Inbox: queue, T: topic, C: custom, R1: role, R2: role })), place);

    expect(mappings).toEqual([]);
    expect(ignoredLine(ignored)).toBe(
      'ignored: IAM::Role ×2, Lambda::Function ×1; properties: Lambda::Function (Role), SNS::Topic (KmsMasterKeyId), SQS::Queue (SqsManagedSseEnabled)',
    );
    expect(ignoredLine([])).toBe('ignored: nothing');
  });

  test('leaves out what its condition leaves out, and a mapping that is disabled', () => {
    const disabled = { ...mapping, Properties: { ...mapping.Properties, Enabled: 'false' } };
    const resources = { Inbox: queue, Worker: worker, Mapping: disabled, Off: { ...queue, Condition: 'Never' } };

    const plan = planDeployment(assembly(stack('s', resources, { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } })), place);

    expect(plan.resources.map(({ logicalId }) => logicalId)).toEqual(['Inbox', 'Worker']);
    expect(plan.mappings).toEqual([]);
  });

  test.each([
    [
      'code that is no asset',
      { ...worker, Properties: { ...worker.Properties, Code: { ZipFile: '' } } },
      'The code of worker is not an asset',
    ],
    [
      'an environment that cannot be resolved',
      { ...worker, Properties: { ...worker.Properties, Environment: { Variables: { A: { Ref: 'Nowhere' } } } } },
      's/Worker: s refers to Nowhere',
    ],
  ])('refuses %s', (_, broken, message) => {
    const plan = () => planDeployment(assembly(stack('s', { Inbox: queue, Worker: broken, Mapping: mapping })), place);

    expect(plan).toThrow(UnsupportedTemplateError);
    expect(plan).toThrow(message);
  });
});
