import { describe, expect, test } from 'vitest';
import { synthesizeFixture } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const { state } = synthesizeFixture();

describe('the edge', () => {
  test('is one regional REST API, each of whose methods asks for a signature by IAM', () => {
    expect(propertiesOf(state, state, 'AWS::ApiGateway::RestApi', 'EdgeApi')).toMatchObject({
      Name: 'posthorn-dev-edge',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    const methods = Object.values(state.findResources('AWS::ApiGateway::Method'));
    expect(methods.map(({ Properties: { HttpMethod, AuthorizationType } }) => [HttpMethod, AuthorizationType])).toEqual(
      Array.from({ length: 4 }, () => ['ANY', 'AWS_IAM']),
    );
    const paths = Object.values(state.findResources('AWS::ApiGateway::Resource'));
    expect(paths.map(({ Properties: { PathPart } }) => PathPart).toSorted()).toEqual([
      'agents',
      'journeys',
      'metrics',
      '{proxy+}',
      '{proxy+}',
    ]);
  });

  test('is throttled, and has an access log without path, query and headers, of which it keeps 90 days', () => {
    const stage = propertiesOf(state, state, 'AWS::ApiGateway::Stage', 'EdgeApiDeploymentStagedev');
    expect(stage).toMatchObject({
      StageName: 'dev',
      MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', DataTraceEnabled: false, ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 }],
    });
    const { Format } = Object(stage).AccessLogSetting;
    expect(Object.values(JSON.parse(Format)).toSorted()).toEqual([
      ...['$context.httpMethod', '$context.identity.sourceIp', '$context.identity.userArn', '$context.requestId', '$context.requestTime'],
      ...['$context.resourcePath', '$context.responseLatency', '$context.responseLength', '$context.status'],
    ]);
    expect(propertiesOf(state, state, 'AWS::Logs::LogGroup', 'EdgeAccessLog')).toEqual({
      LogGroupName: '/aws/apigateway/posthorn-dev-edge',
      RetentionInDays: 90,
    });
  });

  test('has a service that may only read, besides its log', () => {
    const { PolicyDocument } = Object(propertiesOf(state, state, 'AWS::IAM::Policy', 'OperationsServiceRoleDefaultPolicy'));
    expect(PolicyDocument.Statement).toEqual([
      { Sid: 'Log', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: 'OperationsServiceLogs.Arn' },
      { Sid: 'ReadTables', Effect: 'Allow', Action: 'dynamodb:Query', Resource: ['MetricsTable.Arn', 'RegistryTable.Arn'] },
      {
        ...{ Sid: 'FindJourneys', Effect: 'Allow', Action: 'dynamodb:Query' },
        Resource: [expect.stringMatching(/index\/by-journey$/), expect.stringMatching(/index\/by-trace$/)],
      },
      { Sid: 'ReadRecords', Effect: 'Allow', Action: 'dynamodb:BatchGetItem', Resource: 'Ledger.Arn' },
      { Sid: 'ReadOutboxes', Effect: 'Allow', Action: 's3:GetObject', Resource: expect.stringMatching(/sha-256\/\*$/) },
      { Sid: 'FindAgents', Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' },
    ]);
  });

  test('says where it is', () => {
    expect(Object.keys(state.findOutputs('*')).filter((name) => name.startsWith('Edge'))).toEqual([
      expect.stringMatching(/^EdgeUrl[0-9A-F]{8}$/),
    ]);
  });

  test('has other limits by the setting, and is not there if that is false', () => {
    const busy = synthesizeFixture({ edge: '{"requestsPerSecond":500}' });
    expect(propertiesOf(busy.state, busy.state, 'AWS::ApiGateway::Stage', 'EdgeApiDeploymentStagedev')).toMatchObject({
      MethodSettings: [{ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 40 }],
    });

    const without = synthesizeFixture({ edge: 'false' }).state;
    for (const type of ['RestApi', 'Account']) without.resourceCountIs(`AWS::ApiGateway::${type}`, 0);
    expect(Object.keys(without.findResources('AWS::Lambda::Function')).filter((name) => name.startsWith('Operations'))).toEqual([]);
    expect(Object.keys(without.findOutputs('*')).filter((name) => name.startsWith('Edge'))).toEqual([]);
  });
});
