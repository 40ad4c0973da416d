import { describe, expect, test } from 'vitest';
import { REGISTRATIONS } from '../../events/registration.ts';
import { addMesh, definePolicy, type Policy, RefusedError, readSettings } from '../../infra/index.ts';
import { fixtureAgents, synthesize, synthesizeFixture } from './fixture-mesh.ts';
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
      {
        ...{ Sid: 'ReadTables', Effect: 'Allow', Action: 'dynamodb:Query' },
        Resource: ['MetricsTable.Arn', 'RegistryOffers.Arn', 'RegistryTable.Arn'],
      },
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

describe('the edge with tokens', () => {
  const tokens = { edgeAuthentication: 'jwt', issuersElsewhere: true };
  const byToken = synthesizeFixture(tokens).state;
  const audience = 'posthorn-dev/mesh-edge';

  test('asks for a token at each method, by an authorizer whose answers are not kept', () => {
    const methods = Object.values(byToken.findResources('AWS::ApiGateway::Method'));
    const [authorizerId = ''] = Object.keys(byToken.findResources('AWS::ApiGateway::Authorizer'));

    expect(methods.map(({ Properties: { AuthorizationType, AuthorizerId } }) => [AuthorizationType, AuthorizerId])).toEqual(
      Array.from({ length: 4 }, () => ['CUSTOM', { Ref: authorizerId }]),
    );
    expect(propertiesOf(byToken, byToken, 'AWS::ApiGateway::Authorizer', 'EdgeAuthorizerToken')).toMatchObject({
      ...{ Type: 'TOKEN', IdentitySource: 'method.request.header.Authorization', AuthorizerResultTtlInSeconds: 0 },
    });
  });

  test.each([
    ['Bearer a.b-_.c', true],
    ['bearer  a.b.c', true],
    ['Bearer a.b', false],
    ['Bearer a.b.c.d', false],
    ['Bearer a.b.', false],
    ['Bearer a.b.c ', false],
    ['Basic a.b.c', false],
    ['a.b.c', false],
    ['xBearer a.b.c', false],
  ])('is open to the authorizer for the header %j: %s', (header, isOpen) => {
    const { IdentityValidationExpression } = propertiesOf(byToken, byToken, 'AWS::ApiGateway::Authorizer', 'EdgeAuthorizerToken');

    expect(new RegExp(String(IdentityValidationExpression)).test(header)).toBe(isOpen);
  });

  test('has an authorizer that may only read access records, besides its log', () => {
    const { PolicyDocument } = Object(propertiesOf(byToken, byToken, 'AWS::IAM::Policy', 'EdgeAuthorizerServiceRoleDefaultPolicy'));
    expect(PolicyDocument.Statement).toEqual([
      { Sid: 'Log', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: 'EdgeAuthorizerServiceLogs.Arn' },
      {
        ...{ Sid: 'ReadAccess', Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: 'RegistryTable.Arn' },
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] } },
      },
    ]);
    byToken.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'posthorn-dev-mesh-authorizer', Timeout: 10 });
    const permissions = Object.values(byToken.findResources('AWS::Lambda::Permission')).map(({ Properties }) => JSON.stringify(Properties));
    expect(permissions.filter((permission) => permission.includes('/authorizers/'))).toHaveLength(1);
  });

  test.each([
    ['Unauthorized', 'UNAUTHORIZED', '401', { 'WWW-Authenticate': `'Bearer realm="${audience}"'` }, audience],
    [
      'AccessDenied',
      'ACCESS_DENIED',
      '403',
      { 'WWW-Authenticate': `'Bearer realm="${audience}", error="insufficient_scope"'` },
      "'read' at 'mesh-edge'",
    ],
    ['AuthorizerFailure', 'AUTHORIZER_FAILURE', '503', { 'Retry-After': "'30'" }, 'try again later'],
    ['AuthorizerFault', 'AUTHORIZER_CONFIGURATION_ERROR', '503', { 'Retry-After': "'30'" }, 'try again later'],
  ])('answers %s with a problem that has nothing of the request', (name, ResponseType, StatusCode, headers, detail) => {
    const { ResponseTemplates, ...response } = Object(propertiesOf(byToken, byToken, 'AWS::ApiGateway::GatewayResponse', `EdgeApi${name}`));
    const ownHeaders = { 'Content-Type': "'application/problem+json'", 'Cache-Control': "'no-store'", ...headers };

    expect(response).toMatchObject({
      ...{ ResponseType, StatusCode },
      ResponseParameters: Object.fromEntries(
        Object.entries(ownHeaders).map(([header, value]) => [`gatewayresponse.header.${header}`, value]),
      ),
    });
    const text = String(ResponseTemplates['application/json']);
    expect(JSON.parse(text)).toEqual({
      ...{ type: expect.stringMatching(/^urn:posthorn:problem:/), status: Number(StatusCode), title: expect.any(String) },
      detail: expect.stringContaining(detail),
    });
    expect(text).not.toContain('$');
  });

  test('has the holder of the token in its access log, and nothing else of it', () => {
    const { Format } = Object(propertiesOf(byToken, byToken, 'AWS::ApiGateway::Stage', 'EdgeApiDeploymentStagedev')).AccessLogSetting;

    expect(JSON.parse(Format).caller).toBe('$context.authorizer.principalId');
    expect(Format).not.toContain('userArn');
  });

  test('is registered, so that the registry compiles who may use it', () => {
    const { Name, Value } = propertiesOf(byToken, byToken, 'AWS::SSM::Parameter', 'EdgeRegistration');

    expect([Name, REGISTRATIONS.services.parse(JSON.parse(String(Value)))]).toEqual([
      '/posthorn/dev/mesh/services/mesh-edge',
      { id: 'mesh-edge' },
    ]);
    expect(Object.keys(state.findResources('AWS::SSM::Parameter'))).toEqual([]);
  });

  const agents = fixtureAgents.map(({ definition }) => definition);
  const keys = { jwksUri: 'https://idp.example.com/jwks' };
  const corporate = { issuer: 'https://idp.example.com', keys, senders: [] };
  const roles = { observer: { 'mesh-edge': ['read'] } } as const;
  const bindings = [{ role: 'observer', issuer: 'corporate', subject: 'prometheus' }] as const;
  const trusting = definePolicy({ agents, issuers: { corporate }, roles, bindings });
  const adding = (context: object, policy?: Policy) => () =>
    synthesize({ ...context }, (app) => void addMesh(app, { agents: fixtureAgents, ...(policy && { policy }) })).stackNames;
  const noIssuer = (setting: string) =>
    `setting '${setting}': jwt needs an issuer of tokens, and the policy has none; add one to its issuers, or set issuersElsewhere if something else registers it`;

  test('needs an issuer, which may be one for the edge only; agents need another', () => {
    expect(adding({ edgeAuthentication: 'jwt' })).toThrow(new RefusedError([noIssuer('edgeAuthentication')]));
    expect(adding({ edgeAuthentication: 'jwt' }, definePolicy({ agents }))).toThrow(new RefusedError([noIssuer('edgeAuthentication')]));
    expect(adding({ edgeAuthentication: 'jwt' }, trusting)()).toContain('posthorn-dev-policy');
    expect(adding({ edgeAuthentication: 'jwt', authentication: 'jwt' }, trusting)).toThrow(new RefusedError([noIssuer('authentication')]));
  });

  test('is the owner’s: an app that joins the mesh has no say in it', () => {
    const joining = { join: true, appName: 'shipping' };

    expect(adding({ ...joining, edgeAuthentication: 'jwt' })).toThrow(
      "setting 'edgeAuthentication': the REST API belongs to the app that owns the mesh; set it in that app, or remove 'join'",
    );
    expect(adding(joining, trusting)).toThrow(
      "policy: roles.observer.mesh-edge: the REST API belongs to the app that owns the mesh; define the role in that app's policy",
    );
  });

  test('is refused where there is no edge, and with another value', () => {
    expect(() => readSettings({ edge: 'false', edgeAuthentication: 'jwt' })).toThrow(
      "setting 'edgeAuthentication': with edge false the mesh has no REST API; remove one of the two",
    );
    expect(() => readSettings({ edgeAuthentication: 'none' })).toThrow(
      "setting 'edgeAuthentication' is a string that is not valid: allowed is iam or jwt",
    );
  });
});
