import { mkdtempSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  Cors,
  LambdaIntegration,
  LambdaRestApi,
  LogGroupLogDestination,
  MockIntegration,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { UnsupportedTemplateError } from '../../../local/errors.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { writeAssembly } from '../../helpers/written-assembly.ts';
import { freePort } from '../cli/world.ts';

/** Echoes its event, or answers what the body or the query says. */
const source = (version: string) => `
import { setTimeout } from 'node:timers/promises';
export const handler = async (event) => {
  const { answer, sleepMs, throws } = JSON.parse(event.queryStringParameters?.do ?? '{}');
  if (sleepMs) await setTimeout(sleepMs);
  if (throws) throw new TypeError(throws);
  if (answer !== undefined) return answer;
  return { statusCode: 200, body: JSON.stringify({ version: '${version}', url: process.env.API_URL, event }) };
};`;

function writeCode(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-cloud-code-'));
  writeFileSync(join(directory, 'index.mjs'), content);
  return directory;
}

/** A REST API with a resource of each kind. Its function has the URL of another API, which has only the proxy resource. */
function synthesize(version = 'v1', { withHealth = true }: { withHealth?: boolean } = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-cloud-'));
  const app = new App({ outdir: directory, analyticsReporting: false });
  const stack = new Stack(app, 'edge');
  const code = Code.fromAsset(writeCode(source(version)));
  const lambda = (id: string) =>
    new LambdaFunction(stack, id, { functionName: id.toLowerCase(), runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
  const all = new LambdaRestApi(stack, 'All', { handler: lambda('Whole'), cloudWatchRole: true });
  const echo = lambda('Echo').addEnvironment('API_URL', all.urlForPath('/health'));
  const api = new RestApi(stack, 'Edge', {
    restApiName: 'edge',
    binaryMediaTypes: ['image/*'],
    deployOptions: {
      ...{ stageName: 'v1', variables: { colour: 'blue' }, throttlingRateLimit: 10 },
      accessLogDestination: new LogGroupLogDestination(new LogGroup(stack, 'Access')),
    },
  });
  const answered = new LambdaIntegration(echo);
  const agents = api.root.addResource('agents', { defaultCorsPreflightOptions: { allowOrigins: Cors.ALL_ORIGINS } });
  agents.addMethod('GET', answered);
  agents.addResource('{id}').addMethod('GET', answered, { authorizationType: AuthorizationType.IAM });
  agents.addResource('special').addMethod('ANY', answered);
  api.root.addResource('slow').addMethod('GET', new LambdaIntegration(echo, { timeout: Duration.millis(50) }));
  if (withHealth) api.root.addResource('health').addMethod('GET', answered);
  api.root.addResource('files').addProxy({ anyMethod: false }).addMethod('PUT', answered);
  api.root.addResource('mock').addMethod('GET', new MockIntegration());
  new CfnOutput(stack, 'Url', { value: all.url, exportName: 'edge:Url' });
  app.synth();
  return directory;
}

/** The echo. */
interface Answered {
  readonly version: string;
  /** The environment's API_URL. */
  readonly url: string;
  readonly event: APIGatewayProxyEvent;
}

/** @returns an echo, or an answer of API Gateway */
async function bodyOf(response: Response): Promise<Answered> {
  return JSON.parse(await response.text());
}

let synthesized: string | undefined;

async function start(port = 0) {
  const logs: LogLine[] = [];
  synthesized ??= synthesize();
  const cloud = await EmbeddedCloud.start({ port, assemblyDirectory: synthesized, onLog: (line) => logs.push(line) });
  onTestFinished(() => cloud.stop());
  const stageOf = (logicalName: string) => {
    const stage = cloud.apis.find(({ name }) => name === logicalName)?.stages[0];
    if (stage === undefined) throw new Error(`no API ${logicalName}`);
    return stage;
  };
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${stageOf('edge').url}${path}`, init);
    return { status: response.status, headers: response.headers, body: await bodyOf(response) };
  };
  return { cloud, logs, stageOf, ask, does: (what: object) => `health?do=${encodeURIComponent(JSON.stringify(what))}` };
}

describe('a request', () => {
  test('becomes the event of Lambda proxy integration', async () => {
    const { cloud, ask, stageOf } = await start();
    const [edge] = cloud.apis.filter(({ name }) => name === 'edge');

    const { status, headers, body } = await ask('agents?all=1&tag=a&tag=b%20c', { headers: { 'X-Mine': 'yes', 'user-agent': 'test' } });

    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(headers.get('x-amzn-requestid')).toBe(body.event.requestContext.requestId);
    expect(body.event).toMatchObject({
      ...{ resource: '/agents', path: '/agents', httpMethod: 'GET', body: null, isBase64Encoded: false, pathParameters: null },
      queryStringParameters: { all: '1', tag: 'b c' },
      multiValueQueryStringParameters: { all: ['1'], tag: ['a', 'b c'] },
      stageVariables: { colour: 'blue' },
      headers: { 'X-Mine': 'yes', 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'http' },
      multiValueHeaders: { 'X-Mine': ['yes'], host: [new URL(stageOf('edge').url).host] },
      requestContext: {
        ...{ accountId: '000000000000', apiId: edge?.id, stage: 'v1', path: '/v1/agents', resourcePath: '/agents', httpMethod: 'GET' },
        ...{ protocol: 'HTTP/1.1', requestTimeEpoch: expect.any(Number) },
        requestTime: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        identity: { sourceIp: '127.0.0.1', userAgent: 'test', userArn: null, accountId: null, caller: null },
      },
    });
    expect(Object.keys(body.event.headers)).not.toContain('connection');
    expect((await ask('agents')).body.event).toMatchObject({ queryStringParameters: null, multiValueQueryStringParameters: null });
  });

  test('is answered at the endpoint too', async () => {
    const { ask, stageOf, cloud } = await start();
    const { endpointUrl } = stageOf('edge');

    expect(endpointUrl).toMatch(new RegExp(`^${cloud.endpoint}/_aws/execute-api/[a-z0-9]{10}/v1/$`));
    const answer = await bodyOf(await fetch(`${endpointUrl}agents/greeting`));
    expect(answer.event).toMatchObject({ path: '/agents/greeting', pathParameters: { id: 'greeting' } });
    expect((await ask('agents/greeting')).body.event.pathParameters).toEqual({ id: 'greeting' });
  });

  test.each([
    ['GET', 'agents/', '/agents', null],
    ['GET', 'agents/a%2Fb', '/agents/{id}', { id: 'a/b' }],
    ['GET', 'agents/special', '/agents/special', null],
    ['DELETE', 'agents/special', '/agents/special', null],
    ['PUT', 'files/a/b%20c', '/files/{proxy+}', { proxy: 'a/b c' }],
  ])('%s %s is of the resource %s', async (method, path, resource, pathParameters) => {
    const { ask } = await start();

    expect((await ask(path, { method })).body.event).toMatchObject({ resource, pathParameters, httpMethod: method });
  });

  test.each([
    ['GET', 'nothing'],
    ['GET', ''],
    ['POST', 'agents'],
    ['GET', 'agents/a/b'],
    ['PUT', 'files'],
    ['GET', 'mock'],
  ])('%s %s is of no method', async (method, path) => {
    const { ask } = await start();

    const { status, headers, body } = await ask(path, { method });

    expect([status, body]).toEqual([403, { message: 'Missing Authentication Token' }]);
    expect(headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  });

  test('to another stage or API is refused', async () => {
    const { stageOf, cloud } = await start();

    const stage = await fetch(stageOf('edge').url.replace('/v1/', '/v2/'));
    expect([stage.status, await bodyOf(stage)]).toEqual([403, { message: 'Forbidden' }]);
    const api = await fetch(`${cloud.endpoint}/_aws/execute-api/other/v1/`);
    expect([api.status, await bodyOf(api)]).toEqual([404, { message: 'No API with the id "other" is deployed' }]);
  });

  test('keeps its body, as text or as the bytes of a binary media type', async () => {
    const { ask } = await start();
    const bytes = Buffer.from([0, 255, 128, 7]);
    const put = async (type: string, body: Buffer<ArrayBuffer> | string) =>
      (await ask('files/f', { method: 'PUT', headers: { 'content-type': type }, body })).body.event;

    expect(await put('text/plain', 'grüße')).toMatchObject({ body: 'grüße', isBase64Encoded: false });
    expect(await put('image/png', bytes)).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
    expect((await put('application/octet-stream', bytes)).isBase64Encoded).toBe(false);
  });

  test('is limited to 10 MB, and its event to 6 MB', async () => {
    const { ask } = await start();
    const put = (bytes: number) => ask('files/f', { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(bytes) });

    expect(await put(10 * 1024 * 1024 + 1)).toMatchObject({ status: 413, body: { message: 'Request Too Long' } });
    expect(await put(6 * 1024 * 1024)).toMatchObject({ status: 413, body: { message: 'Request Too Long' } });
    // The answer contains the event, and would be too large with a longer one.
    expect((await put(5 * 1024 * 1024)).body.event.body).toHaveLength(5 * 1024 * 1024);
  });

  test('is the operator’s without credentials of a function, where IAM authorizes', async () => {
    const { ask, cloud } = await start();
    const { accessKeyId } = cloud.credentialsOf('echo');
    const signature = (key: string) => `AWS4-HMAC-SHA256 Credential=${key}/20261125/us-east-1/execute-api/aws4_request, Signature=0`;
    const identity = async (path: string, headers: Record<string, string> = {}) => {
      const { event } = (await ask(path, { headers })).body;
      expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('authorization');
      return event.requestContext.identity;
    };

    const operator = {
      accountId: '000000000000',
      userArn: 'arn:aws:iam::000000000000:user/local-operator',
      caller: 'AIDALOCALOPERATOR0000',
    };
    expect(await identity('agents/a')).toMatchObject({ ...operator, accessKey: null });
    expect(await identity('agents/a', { authorization: signature('mine') })).toMatchObject({ ...operator, accessKey: 'mine' });
    const { userArn, caller, user, accessKey } = await identity('agents/a', { authorization: signature(accessKeyId) });
    expect(userArn).toMatch(/^arn:aws:sts::000000000000:assumed-role\/edge-EchoServiceRole.*\/echo$/);
    expect(caller).toMatch(/^AROA[A-Z0-9]{17}:echo$/);
    expect([user, accessKey]).toEqual([caller, accessKeyId]);
    expect(await identity('agents', { authorization: signature(accessKeyId) })).toMatchObject({ userArn: null });
    const { event } = (await ask('agents', { headers: { authorization: 'Bearer abc' } })).body;
    expect(event.headers.authorization).toBe('Bearer abc');
  });
});

describe('an answer', () => {
  test('has the function’s status, headers, body and bytes', async () => {
    const { stageOf, does } = await start();
    const get = (answer: object, headers: Record<string, string> = {}) => fetch(`${stageOf('edge').url}${does({ answer })}`, { headers });

    const one = await get({
      ...{ statusCode: 207, body: 'hello' },
      headers: { 'Content-Type': 'text/x', 'X-One': 1, 'Set-Cookie': 'c=3', Server: 'mine' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    });
    expect([one.status, await one.text(), one.headers.get('content-type'), one.headers.get('x-one')]).toEqual([
      207,
      'hello',
      'text/x',
      '1',
    ]);
    expect(one.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3']);
    expect([one.headers.get('server'), one.headers.get('x-amzn-remapped-server')]).toEqual([null, 'mine']);

    const empty = await get({ statusCode: '204' });
    expect([empty.status, await empty.text()]).toEqual([204, '']);
    const png = { statusCode: 200, headers: { 'Content-Type': 'image/png' }, body: 'AP+A', isBase64Encoded: true };
    expect(Buffer.from(await (await get(png, { accept: 'image/png' })).arrayBuffer())).toEqual(Buffer.from([0, 255, 128]));
    expect(await (await get(png, { accept: 'text/html' })).text()).toBe('AP+A');
  });

  test.each([
    ['a string', { answer: 'hello' }],
    ['null', { answer: null }],
    ['no status', { answer: { body: 'hello' } }],
    ['a body that is no string', { answer: { statusCode: 200, body: { a: 1 } } }],
    ['a header that splits the answer', { answer: { statusCode: 200, headers: { 'x-a': 'b\r\nc: d' } } }],
  ])('that is malformed (%s) is a 502 with the reason in the log', async (_, what) => {
    const { ask, does, logs } = await start();

    const { status, body, headers } = await ask(does(what));

    expect([status, body]).toEqual([502, { message: 'Internal server error' }]);
    expect(headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
    expect(logs.filter(({ stream }) => stream === 'platform').map(({ text }) => text)).toEqual([
      expect.stringContaining('GET /health of the API edge answers 502: Malformed Lambda proxy response: '),
    ]);
  });

  test('is a 502 for a function that throws, and a 504 for one that takes too long', async () => {
    const { ask, does } = await start();

    expect(await ask(does({ throws: 'not today' }))).toMatchObject({ status: 502, body: { message: 'Internal server error' } });
    const slow = `slow${does({ sleepMs: 1_000 }).slice('health'.length)}`;
    expect(await ask(slow)).toMatchObject({ status: 504, body: { message: 'Endpoint request timed out' } });
  });
});

describe('a deployment', () => {
  test('gives functions and other stacks the URL at the endpoint, and lists what has no effect', async () => {
    const { ask, cloud, stageOf } = await start();

    const { url } = (await ask('agents')).body;
    expect(url).toBe(`${stageOf('All').endpointUrl}health`);
    expect((await bodyOf(await fetch(url))).event).toMatchObject({ resource: '/{proxy+}', path: '/health' });
    expect((await bodyOf(await fetch(stageOf('All').url))).event).toMatchObject({ resource: '/', path: '/' });
    expect(ignoredLine(cloud.ignored)).toBe(
      'ignored: ApiGateway::Account ×2, ApiGateway::Method ×4, IAM::Role ×4, Logs::LogGroup ×1; ' +
        'properties: ApiGateway::Deployment (Description), ApiGateway::Method (ApiKeyRequired, MethodResponses), ' +
        'ApiGateway::Stage (AccessLogSetting, MethodSettings)',
    );
    expect(cloud.resources.filter(({ type }) => type === 'AWS::ApiGateway::RestApi').map(({ ref }) => ref)).toEqual(
      cloud.apis.map(({ id }) => id),
    );
  });

  test('of new code and methods is answered at the same URL, and what is removed is gone', async () => {
    const { cloud, ask, stageOf } = await start();
    const { url, endpointUrl } = stageOf('edge');
    expect((await ask('health')).body.version).toBe('v1');

    const report = await cloud.deploy({ assemblyDirectory: synthesize('v2', { withHealth: false }) });

    const id = cloud.apis.find(({ name }) => name === 'edge')?.id;
    expect(report.updated.toSorted()).toEqual(['echo', 'whole', id].toSorted());
    expect(stageOf('edge').url).toBe(url);
    expect((await ask('agents')).body.version).toBe('v2');
    expect((await ask('health')).status).toBe(403);

    await cloud.deploy({ assemblyDirectory: writeAssembly({ other: { resources: {} } }) });
    expect(cloud.apis).toEqual([]);
    expect((await fetch(endpointUrl)).status).toBe(404);
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('has the same ids and ports at each start, if they are free', async () => {
    const port = Number(await freePort());
    const first = await start(port);
    const urls = first.cloud.apis.map(({ stages }) => stages[0]?.url);
    await first.cloud.stop();

    const second = await start(port);

    expect(second.cloud.apis.map(({ stages }) => stages[0]?.url)).toEqual(urls);
    expect(urls).toHaveLength(2);
  });

  test('is refused if a method invokes a function that is not in the app', async () => {
    const method = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...{ HttpMethod: 'GET', RestApiId: { Ref: 'Api' }, ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] } },
        Integration: {
          Type: 'AWS_PROXY',
          Uri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:gone/invocations',
        },
      },
    };
    const assemblyDirectory = writeAssembly({ s: { resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: {} }, method } } });

    await expect(EmbeddedCloud.start({ port: 0, assemblyDirectory })).rejects.toThrow(UnsupportedTemplateError);
    await expect(EmbeddedCloud.start({ port: 0, assemblyDirectory })).rejects.toThrow(
      's/method invokes arn:aws:lambda:us-east-1:000000000000:function:gone, which is not in the app',
    );
  });
});

test('other sites may use neither the port of an API nor the path at the endpoint', async () => {
  const { stageOf } = await start();
  const { url, endpointUrl } = stageOf('edge');
  const status = async (base: string, headers: Record<string, string>) => {
    const sent = httpRequest(`${base}agents`, { headers }).end();
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => sent.once('response', resolve));
    await text(response);
    return response.statusCode;
  };

  for (const base of [url, endpointUrl]) {
    expect(await status(base, {})).toBe(200);
    expect(await status(base, { origin: new URL(base).origin, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await status(base, { host: 'evil.example.com' })).toBe(403);
    expect(await status(base, { origin: 'https://evil.example.com' })).toBe(403);
    expect(await status(base, { 'sec-fetch-site': 'cross-site' })).toBe(403);
  }
  expect(await status(url, { host: new URL(endpointUrl).host })).toBe(403);
});
