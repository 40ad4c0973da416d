import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ApiStage, DeployedApi } from '../../template/deployed-api.ts';
import type { Caller } from '../identities.ts';
import type { Authorized } from './authorize-request.ts';
import { isBinary } from './is-binary.ts';
import type { MatchedMethod } from './match-method.ts';

/** A request to an API. */
export interface ApiRequest {
  readonly httpMethod: string;
  /** Below the stage, as it was sent. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly port: number;
  readonly httpVersion: string;
}

/** The API's side of a request. */
export interface Matched extends MatchedMethod {
  readonly api: DeployedApi;
  readonly stage: ApiStage;
  readonly accountId: string;
  readonly requestId: string;
  /** Who signed the request, and with which key. Absent where the method authorizes nobody. */
  readonly caller?: Caller & { readonly accessKeyId: string | undefined };
  /** What an authorizer has answered. */
  readonly authorized?: Authorized;
}

/** They belong to the connection, and API Gateway drops them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/**
 * The event that a function gets by Lambda proxy integration (version 1.0).
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function proxyEvent(request: ApiRequest, matched: Matched): APIGatewayProxyEvent {
  const { api, stage, method, pathParameters } = matched;
  const multiValueHeaders = headersOf(request, method.authorization);
  const header = (wanted: string) =>
    Object.entries(multiValueHeaders)
      .find(([name]) => name.toLowerCase() === wanted)?.[1]
      ?.at(-1);
  const multiValueQuery = grouped(new URLSearchParams(request.query));
  const isBase64Encoded = request.body.length > 0 && isBinary(api.binaryMediaTypes, header('content-type'));
  return {
    resource: method.path,
    path: request.path,
    httpMethod: request.httpMethod,
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: orNull(lastOf(multiValueQuery)),
    multiValueQueryStringParameters: orNull(multiValueQuery),
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stage.variables),
    requestContext: contextOf(request, matched, header),
    body: request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

function contextOf(
  { httpMethod, path, sourceIp, httpVersion }: ApiRequest,
  { api, stage, method, caller, authorized, accountId, requestId }: Matched,
  header: (name: string) => string | undefined,
): APIGatewayProxyEvent['requestContext'] {
  const now = new Date();
  return {
    accountId,
    apiId: api.id,
    authorizer: authorized && { ...authorized.context, principalId: authorized.principalId, integrationLatency: 0 },
    domainName: header('host') ?? '',
    domainPrefix: api.id,
    extendedRequestId: requestId,
    httpMethod,
    identity: {
      ...{ accessKey: caller?.accessKeyId ?? null, accountId: caller === undefined ? null : accountId },
      ...{ caller: caller?.userId ?? null, user: caller?.userId ?? null, userArn: caller?.arn ?? null },
      ...{ apiKey: null, apiKeyId: null, clientCert: null, principalOrgId: null },
      ...{ cognitoAuthenticationProvider: null, cognitoAuthenticationType: null, cognitoIdentityId: null, cognitoIdentityPoolId: null },
      ...{ sourceIp, userAgent: header('user-agent') ?? null },
    },
    path: `/${stage.name}${path}`,
    protocol: `HTTP/${httpVersion}`,
    requestId,
    requestTime: requestTime(now),
    requestTimeEpoch: now.getTime(),
    resourceId: method.resourceId,
    resourcePath: method.path,
    stage: stage.name,
  };
}

function headersOf({ rawHeaders, sourceIp, port }: ApiRequest, authorization: string): Readonly<Record<string, string[]>> {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index): [string, string] => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ]);
  // A signature is not for the function.
  const isSignature = (name: string, value: string) =>
    name === 'authorization' && (authorization === 'AWS_IAM' || value.startsWith('AWS4-'));
  const passed = pairs.filter(([name, value]) => {
    const lower = name.toLowerCase();
    return !CONNECTION_HEADERS.has(lower) && !lower.startsWith('x-forwarded-') && !isSignature(lower, value);
  });
  const forwarded = pairs.find(([name]) => name.toLowerCase() === 'x-forwarded-for')?.[1];
  return grouped([
    ...passed,
    ['X-Forwarded-For', forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Proto', 'http'],
    ['X-Amzn-Trace-Id', `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`],
  ]);
}

function grouped(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.map(([, value]) => value)]));
}

function lastOf(groups: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? '']));
}

function orNull<Value extends object>(value: Value): Value | null {
  return Object.keys(value).length === 0 ? null : value;
}

/** e.g. `26/Nov/2026:08:00:00 +0000` */
function requestTime(date: Date): string {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
