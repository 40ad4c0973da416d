import { describe, expect, test } from 'vitest';
import { UnsupportedTemplateError } from '../../../local/errors.ts';
import type { Assembly, Stack } from '../../../local/template/assembly.ts';
import { planDeployment } from '../../../local/template/deployment.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { roleId } from '../../../local/template/role-id.ts';

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
        enabled: true,
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
          roleArn: 'arn:aws:iam::000000000000:role/worker',
          codeDirectory: '/assets/hash',
          codeKey: 'hash.zip',
          handler: 'index.handler',
          timeoutSeconds: 30,
          memoryMegabytes: 128,
          environment: {},
          logging: { format: 'Text', level: 'INFO', group: '/aws/lambda/worker' },
        },
      },
    ]);
  });

  test('takes over how a function logs', () => {
    const LoggingConfig = { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', SystemLogLevel: 'INFO', LogGroup: { Ref: 'Logs' } };
    const logging = { ...worker, Properties: { ...worker.Properties, LoggingConfig } };
    const logs = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/mesh/worker' } };

    const plan = planDeployment(assembly(stack('s', { Inbox: queue, Worker: logging, Mapping: mapping, Logs: logs })), place);

    expect(plan.mappings[0]?.function.logging).toEqual({ format: 'JSON', level: 'WARN', group: '/mesh/worker' });
    expect(ignoredLine(plan.ignored)).toBe('ignored: Logs::LogGroup ×1; properties: SQS::Queue (SqsManagedSseEnabled)');
  });

  test('gives roles the names, ids and ARNs of IAM', () => {
    const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Join': ['-', ['mesh', 'worker']] } } };
    const unnamed = { Type: 'AWS::IAM::Role', Properties: {} };
    const Variables = {
      NAME: { Ref: 'Named' },
      ID: { 'Fn::GetAtt': ['Named', 'RoleId'] },
      ARN: { 'Fn::GetAtt': ['Named', 'Arn'] },
      OTHER: { 'Fn::GetAtt': ['Unnamed', 'RoleId'] },
      OTHER_NAME: { Ref: 'Unnamed' },
    };
    const Worker = {
      ...worker,
      Properties: { ...worker.Properties, Role: { 'Fn::GetAtt': ['Unnamed', 'Arn'] }, Environment: { Variables } },
    };

    const plan = planDeployment(assembly(stack('s', { Inbox: queue, Worker, Mapping: mapping, Named: role, Unnamed: unnamed })), place);

    const deployed = plan.mappings[0]?.function;
    expect(deployed?.roleArn).toBe('arn:aws:iam::000000000000:role/s-Unnamed');
    expect(deployed?.environment).toEqual({
      NAME: 'mesh-worker',
      ID: roleId('mesh-worker'),
      ARN: 'arn:aws:iam::000000000000:role/mesh-worker',
      OTHER: roleId('s-Unnamed'),
      OTHER_NAME: 's-Unnamed',
    });
    // Stored policies name it, so it stays the same.
    expect(roleId('mesh-worker')).toBe('AROAWKAQWMLPIQ325ADZM');
    expect(roleId('mesh-worker')).not.toBe(roleId('s-Unnamed'));
    expect(ignoredLine(plan.ignored)).toBe('ignored: IAM::Role ×2; properties: SQS::Queue (SqsManagedSseEnabled)');
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
      'ignored: IAM::Role ×2, Lambda::Function ×1; properties: SNS::Topic (KmsMasterKeyId), SQS::Queue (SqsManagedSseEnabled)',
    );
    expect(ignoredLine([])).toBe('ignored: nothing');
  });

  test('leaves out what its condition leaves out, and keeps a mapping that is disabled', () => {
    const disabled = { ...mapping, Properties: { ...mapping.Properties, Enabled: 'false' } };
    const resources = { Inbox: queue, Worker: worker, Mapping: disabled, Off: { ...queue, Condition: 'Never' } };

    const plan = planDeployment(assembly(stack('s', resources, { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } })), place);

    expect(plan.resources.map(({ logicalId }) => logicalId)).toEqual(['Inbox', 'Worker']);
    expect(plan.mappings).toMatchObject([{ enabled: false, queueName: 'inbox', function: { name: 'worker' } }]);
  });

  const environment = (Variables: Record<string, string>) => ({
    Worker: { ...worker, Properties: { ...worker.Properties, Environment: { Variables } } },
  });
  const scaling = (MaximumConcurrency: number) => ({
    Mapping: { ...mapping, Properties: { ...mapping.Properties, ScalingConfig: { MaximumConcurrency } } },
  });
  const slow = (Timeout: number) => ({ Worker: { ...worker, Properties: { ...worker.Properties, Timeout } } });

  test.each([
    [
      'an environment over 4 KB',
      environment({ BIG: `${'é'.repeat(2_043)}x` }),
      's/Worker: the environment of worker has 4097 bytes (as JSON); Lambda takes 4096. Move large values to S3, SSM or the bundle',
    ],
    [
      'an environment variable that Lambda sets itself',
      environment({ AWS_REGION: 'eu-west-1', FINE: '1', _HANDLER: 'a.b' }),
      's/Worker: the environment of worker sets AWS_REGION, _HANDLER, which Lambda reserves. Choose other names',
    ],
    [
      'a visibility timeout that is shorter than the function’s timeout',
      slow(31),
      's/Mapping: the visibility timeout of inbox (30 s) is shorter than the timeout of worker (31 s). Make it at least as long; AWS recommends six times',
    ],
    ['too little concurrency', scaling(1), 's/Mapping: the maximum concurrency of worker on inbox is 1; Lambda takes 2 to 1000, or none'],
    [
      'too much concurrency',
      scaling(1_001),
      's/Mapping: the maximum concurrency of worker on inbox is 1001; Lambda takes 2 to 1000, or none',
    ],
  ])('refuses what AWS refuses: %s', (_, broken, message) => {
    const plan = () => planDeployment(assembly(stack('s', { Inbox: queue, Worker: worker, Mapping: mapping, ...broken })), place);

    expect(plan).toThrow(new UnsupportedTemplateError(message));
  });

  test('takes what is just within AWS’s limits', () => {
    const resources = { Inbox: queue, ...environment({ BIG: 'é'.repeat(2_043) }), ...scaling(2) };

    expect(planDeployment(assembly(stack('s', resources)), place).mappings).toHaveLength(1);
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
