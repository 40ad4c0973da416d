import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type IAuthorizer,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { until } from '../../helpers/until.ts';
import { writeAssembly } from '../../helpers/written-assembly.ts';

/** Answers as the token says, in base64url: `{arn}` is the request's, `{stage}` that of its stage. */
const AUTHORIZER = `
import { setTimeout } from 'node:timers/promises';
export const handler = async ({ type, authorizationToken, methodArn }) => {
  if (type !== 'TOKEN') throw new Error('another type');
  const text = Buffer.from(authorizationToken.split(' ')[1], 'base64url').toString();
  const filled = text.replaceAll('{arn}', methodArn).replaceAll('{stage}', methodArn.split('/').slice(0, 2).join('/'));
  const { throws, answer, sleepMs } = JSON.parse(filled);
  if (sleepMs) await setTimeout(sleepMs);
  if (throws) throw new Error(throws);
  return answer;
};`;

const ECHO = `
export const handler = async ({ requestContext: { authorizer }, headers }) =>
  ({ statusCode: 200, body: JSON.stringify({ authorizer, authorization: headers.authorization }) });`;

function writeCode(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-cloud-code-'));
  writeFileSync(join(directory, 'index.mjs'), content);
  return directory;
}

/** An API for each authorizer: `plain` has API Gateway's own answers, `mine` has others. */
function synthesize(): string {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-cloud-'));
  const app = new App({ outdir: directory, analyticsReporting: false });
  const stack = new Stack(app, 'edge');
  const lambda = (functionName: string, source: string) =>
    new LambdaFunction(stack, functionName, {
      ...{ functionName, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromAsset(writeCode(source)) },
      timeout: Duration.seconds(functionName === 'hasty' ? 1 : 120),
    });
  const [handler, hasty, echo] = [lambda('authorizer', AUTHORIZER), lambda('hasty', AUTHORIZER), lambda('echo', ECHO)];
  const add = (name: string, authorizer: IAuthorizer) => {
    const api = new RestApi(stack, name, { restApiName: name, deployOptions: { stageName: 'v1' }, cloudWatchRole: false });
    const options = { authorizationType: AuthorizationType.CUSTOM, authorizer };
    for (const path of ['/', '/agents', '/agents/{id}'])
      api.root.resourceForPath(path).addMethod('ANY', new LambdaIntegration(echo), options);
    return api;
  };
  add(
    'plain',
    new TokenAuthorizer(stack, 'Never', { handler, resultsCacheTtl: Duration.seconds(0), validationRegex: '^Bearer [A-Za-z0-9_-]+$' }),
  );
  const mine = add('mine', new TokenAuthorizer(stack, 'Never2', { handler, resultsCacheTtl: Duration.seconds(0) }));
  mine.addGatewayResponse('Unauthorized', {
    type: ResponseType.UNAUTHORIZED,
    responseHeaders: {
      'WWW-Authenticate': '\'Bearer realm="mine"\'',
      'Content-Type': "'application/problem+json'",
      'X-Path': 'method.request.path.id',
    },
    templates: {
      'application/json':
        '{"why":$context.error.messageString,"type":"$context.error.responseType","id":"$context.requestId","no":"$context.identity.sourceIp"}',
    },
  });
  mine.addGatewayResponse('Rest', {
    type: ResponseType.DEFAULT_4XX,
    statusCode: '418',
    templates: { 'text/plain': 'no: $context.error.message' },
  });
  mine.addGatewayResponse('Failed', {
    type: ResponseType.AUTHORIZER_FAILURE,
    statusCode: '503',
    responseHeaders: { 'Retry-After': "'30'" },
  });
  add('keeping', new TokenAuthorizer(stack, 'Long', { handler, resultsCacheTtl: Duration.minutes(5) }));
  add('forgetful', new TokenAuthorizer(stack, 'Short', { handler, resultsCacheTtl: Duration.seconds(1) }));
  add('impatient', new TokenAuthorizer(stack, 'Hasty', { handler: hasty, resultsCacheTtl: Duration.seconds(0) }));
  add('other', new RequestAuthorizer(stack, 'Request', { handler, identitySources: ['method.request.header.X-Key'] }));
  app.synth();
  return directory;
}

let assemblyDirectory: string;
let cloud: EmbeddedCloud;
const logs: LogLine[] = [];
/** Names of functions. */
const invoked: string[] = [];

beforeAll(async () => {
  assemblyDirectory = synthesize();
  const onInvocation = ({ functionName }: { readonly functionName: string }) => invoked.push(functionName);
  cloud = await EmbeddedCloud.start({ port: 0, assemblyDirectory, onLog: (line) => logs.push(line), onInvocation });
});
afterAll(() => cloud.stop());
beforeEach(() => {
  logs.length = 0;
  invoked.length = 0;
});

async function ask(api: string, authorization?: string, path = 'agents') {
  const url = cloud.apis.find(({ name }) => name === api)?.stages[0]?.url;
  const response = await fetch(`${url}${path}`, { headers: authorization === undefined ? {} : { authorization } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

const bearer = (what: object): string => `Bearer ${Buffer.from(JSON.stringify(what)).toString('base64url')}`;
const statement = (Effect: 'Allow' | 'Deny', Resource: string | string[] = '{arn}', Action: string | string[] = 'execute-api:Invoke') => ({
  ...{ Effect, Action, Resource },
});
const policy = (...Statement: object[]) => ({ principalId: 'me', policyDocument: { Version: '2012-10-17', Statement } });
const saying = (answer: unknown): string => bearer({ answer });

describe('a request to a method with a TOKEN authorizer', () => {
  test('is passed on if the authorizer allows it, with what the authorizer says', async () => {
    const token = saying({ ...policy(statement('Allow')), context: { rule: 'a', count: 3, isSo: true } });

    const { status, body } = await ask('plain', token, 'agents/greeting?all=1');

    expect(status).toBe(200);
    expect(body).toEqual({
      authorizer: { principalId: 'me', rule: 'a', count: '3', isSo: 'true', integrationLatency: expect.any(Number) },
      authorization: token,
    });
    expect(invoked).toEqual(['authorizer', 'echo']);
  });

  test.each<[string, string | undefined]>([
    ['without a token', undefined],
    ['with a token that has another form', 'Basic abc'],
    ['with a token that the authorizer does not know', bearer({ throws: 'Unauthorized' })],
  ])('%s is a 401', async (_, token) => {
    const { status, body, headers } = await ask('plain', token);

    expect([status, body, headers.get('x-amzn-errortype')]).toEqual([401, { message: 'Unauthorized' }, 'UnauthorizedException']);
    expect(invoked).toEqual(token?.startsWith('Bearer') ? ['authorizer'] : []);
  });

  const REFUSED = 'User is not authorized to access this resource';
  test.each<[string, number, object[], string?]>([
    ['allows the stage', 200, [statement('Allow', '{stage}/*')]],
    ['allows one character for another', 200, [statement('Allow', '{stage}/GE?/agents')]],
    ['allows one of several', 200, [statement('Allow', ['{stage}/POST/*', '{stage}/GET/agents'])]],
    ['allows all actions', 200, [statement('Allow', '*', 'execute-api:*')]],
    ['denies it', 403, [statement('Deny')], `${REFUSED} with an explicit deny`],
    ['allows and denies it', 403, [statement('Allow', '*'), statement('Deny', '{stage}/*')], `${REFUSED} with an explicit deny`],
    ['allows another method', 403, [statement('Allow', '{stage}/POST/*')], REFUSED],
    ['allows another path', 403, [statement('Allow', '{stage}/GET/agent')], REFUSED],
    ['allows another path that a dot would match', 403, [statement('Allow', '{stage}/GET/agent.')], REFUSED],
    ['allows another action', 403, [statement('Allow', '*', 'execute-api:ManageConnections')], REFUSED],
    ['allows another API', 403, [statement('Allow', 'arn:aws:execute-api:us-east-1:000000000000:other/*')], REFUSED],
    ['says nothing', 403, [], REFUSED],
  ])('whose policy %s is a %i', async (_, expected, statements, message) => {
    const { status, body, headers } = await ask('plain', saying(policy(...statements)));

    expect(status).toBe(expected);
    if (message === undefined) return;
    expect([body, headers.get('x-amzn-errortype')]).toEqual([{ Message: message }, 'AccessDeniedException']);
  });

  test.each<[string, object]>([
    ['throws', { throws: 'no registry' }],
    ['answers nothing', {}],
    ['answers no policy', { answer: { principalId: 'me' } }],
    ['answers a condition, which is not evaluated here', { answer: policy({ ...statement('Allow', '*'), Condition: { Bool: {} } }) }],
    ['answers what it does not allow', { answer: policy({ Effect: 'Allow', NotAction: 'x', Resource: '*' }) }],
    ['answers nobody', { answer: { ...policy(statement('Allow', '*')), principalId: null } }],
    ['adds an object', { answer: { ...policy(statement('Allow', '*')), context: { a: {} } } }],
  ])('whose authorizer %s is a 500, and reaches no function', async (_, what) => {
    const { status, body } = await ask('plain', bearer(what));

    expect([status, body]).toEqual([500, { message: null }]);
    expect(invoked).toEqual(['authorizer']);
    const lines = logs.filter(({ text }) => text.includes('its answer cannot be used here'));
    expect(lines.length).toBe('throws' in what ? 0 : 1);
  });

  test('whose authorizer takes too long is a 500', async () => {
    const { status, body } = await ask('impatient', bearer({ sleepMs: 600_000 }));

    expect([status, body, invoked]).toEqual([500, { message: null }, ['hasty']]);
  });

  test('gets the API’s own answers where it has some', async () => {
    const unauthorized = await ask('mine');
    expect(unauthorized.status).toBe(401);
    expect(Object.fromEntries(unauthorized.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'www-authenticate': 'Bearer realm="mine"',
    });
    expect(unauthorized.body).toEqual({
      why: 'Unauthorized',
      type: 'UNAUTHORIZED',
      id: unauthorized.headers.get('x-amzn-requestid'),
      no: '',
    });

    const denied = await ask('mine', saying(policy(statement('Deny'))));
    expect([denied.status, denied.text, denied.headers.get('content-type')]).toEqual([
      418,
      `no: ${REFUSED} with an explicit deny`,
      'text/plain',
    ]);
    const nothing = await ask('mine', undefined, 'nothing');
    expect([nothing.status, nothing.text]).toEqual([418, 'no: Missing Authentication Token']);
    const failed = await ask('mine', bearer({ throws: 'no' }));
    expect([failed.status, failed.body, failed.headers.get('retry-after')]).toEqual([503, { message: null }, '30']);
  });
});

describe('an authorizer’s answer', () => {
  const once = saying(policy(statement('Allow')));
  const asked = () => invoked.filter((name) => name === 'authorizer').length;

  test('is kept for its time, by token, and counts for all methods that it names', async () => {
    const statuses = async (path: string) => (await ask('keeping', once, path)).status;

    expect([await statuses('agents'), await statuses('agents'), await statuses('agents/other')]).toEqual([200, 200, 403]);
    expect(asked()).toBe(1);
    await ask('keeping', saying(policy(statement('Allow'))).replace('Bearer', 'bearer'));
    expect(asked()).toBe(2);
    for (const _ of [1, 2]) expect((await ask('keeping', bearer({ throws: 'Unauthorized' }))).status).toBe(401);
    expect(asked()).toBe(4);
  });

  test('is not kept with a time of 0, and asked for again when its time is over', async () => {
    for (const _ of [1, 2]) await ask('plain', once);
    expect(asked()).toBe(2);
    await until('the answer is asked for again', async () => {
      await ask('forgetful', once);
      return asked() >= 4;
    });
  });

  test('is not kept over a deployment', async () => {
    const token = saying({ ...policy(statement('Allow')), principalId: 'another' });
    await ask('keeping', token);
    await cloud.deploy({ assemblyDirectory });
    await ask('keeping', token);

    expect(asked()).toBe(2);
  });
});

describe('a deployment', () => {
  test('lists authorizers of other types and their methods, and headers that come from requests', async () => {
    const line = ignoredLine(cloud.ignored);
    for (const part of ['ApiGateway::Authorizer ×1', 'ApiGateway::Method ×3', 'ApiGateway::GatewayResponse (ResponseParameters)'])
      expect(line).toContain(part);
    expect((await ask('other', saying(policy(statement('Allow', '*'))))).status).toBe(403);
  });

  test('is refused if an authorizer invokes a function that is not in the app', async () => {
    const authorizer = {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        ...{ Type: 'TOKEN', RestApiId: { Ref: 'Api' }, IdentitySource: 'method.request.header.Authorization' },
        AuthorizerUri:
          'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:gone/invocations',
      },
    };
    const broken = writeAssembly({
      s: { resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: {} }, authorizer } },
    });

    await expect(EmbeddedCloud.start({ port: 0, assemblyDirectory: broken })).rejects.toThrow(
      's/authorizer invokes arn:aws:lambda:us-east-1:000000000000:function:gone, which is not in the app',
    );
  });
});
