import type { LambdaContext } from 'hono/aws-lambda';
import { beforeAll, expect, test, vi } from 'vitest';
import type { handler as Handler } from '../../../functions/services/operations/handler.ts';

let handler: typeof Handler;

beforeAll(async () => {
  for (const [name, value] of Object.entries({
    ...{
      POSTHORN_PREFIX: 'posthorn',
      POSTHORN_STAGE: 'dev',
      POSTHORN_REGISTRY_TABLE: 'r',
      POSTHORN_METRICS_TABLE: 'm',
      POSTHORN_OFFERS_TABLE: 'o',
    },
    AWS_REGION: 'us-east-1',
  }))
    vi.stubEnv(name, value);
  ({ handler } = await import('../../../functions/services/operations/handler.ts'));
});

const context: LambdaContext = {
  ...{ awsRequestId: 'r', callbackWaitsForEmptyEventLoop: false, functionName: 'f', functionVersion: '1', invokedFunctionArn: 'arn' },
  ...{ memoryLimitInMB: '128', logGroupName: 'g', logStreamName: 's', getRemainingTimeInMillis: () => 1_000 },
  ...{ done: () => undefined, fail: () => undefined, succeed: () => undefined },
};

const requestContext = {
  ...{ accountId: '0', apiId: 'a', authorizer: {}, domainName: 'api.example.com', domainPrefix: 'api', extendedRequestId: 'e' },
  ...{ httpMethod: 'GET', path: '/metrics', protocol: 'HTTP/1.1', requestId: 'r', requestTime: 't', requestTimeEpoch: 0 },
  ...{ resourceId: 'x', resourcePath: '/metrics', stage: 'dev' },
  identity: { sourceIp: '127.0.0.1', userAgent: 'u' },
};

const ask = (httpMethod: string, path = '/metrics') =>
  handler(
    {
      ...{ version: '1.0', resource: path, path, httpMethod, headers: { accept: '*/*' }, body: null, isBase64Encoded: false },
      ...{ pathParameters: {}, stageVariables: {}, requestContext },
    },
    context,
  );

test.each(['TRACE', 'CONNECT', 'TRACK', 'trace', 'POST', 'OPTIONS'])(
  '%s is refused as every other method, and logs nothing',
  async (method) => {
    const output = [vi.spyOn(console, 'error'), vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];

    const answer = await ask(method);

    const written = output.flatMap((spy) => spy.mock.calls);
    vi.restoreAllMocks();
    expect(written).toEqual([]);
    const headers = Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    expect([answer.statusCode, headers]).toEqual([
      405,
      expect.objectContaining({ 'content-type': 'application/problem+json', allow: 'GET, HEAD', 'cache-control': 'no-store' }),
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 405, type: 'urn:posthorn:problem:method-not-allowed' });
  },
);

test('a path without a route is a problem', async () => {
  expect(await ask('GET', '/elsewhere')).toMatchObject({ statusCode: 404 });
});
