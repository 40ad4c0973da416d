import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeployedFunction } from '../../template/deployed.ts';
import type { ApiStage, DeployedApi } from '../../template/deployed-api.ts';
import type { Place } from '../../template/resource-type.ts';
import type { Identities } from '../identities.ts';
import { readBody } from '../read-body.ts';
import {
  type ApiAnswer,
  type Fault,
  FORBIDDEN,
  INTERNAL_ERROR,
  MALFORMED_ANSWER,
  NO_SUCH_METHOD,
  TIMED_OUT,
  TOO_LARGE,
} from './api-answer.ts';
import { type Authorized, type AuthorizerOptions, authorizeRequest } from './authorize-request.ts';
import { gatewayAnswer } from './gateway-answer.ts';
import { isBinary } from './is-binary.ts';
import { type MatchedMethod, matchMethod } from './match-method.ts';
import { proxyAnswer } from './proxy-answer.ts';
import { type Matched, proxyEvent } from './proxy-event.ts';

/** API Gateway's limit for a request, and Lambda's for an event. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export interface RestApiOptions extends AuthorizerOptions {
  readonly place: Place;
  readonly identities: Identities;
}

/**
 * Answers a request to an API, as API Gateway does with Lambda proxy integration.
 *
 * @param target path and query from the stage on, e.g. `/prod/agents?all=1`
 */
export function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { api, target }: { readonly api: DeployedApi; readonly target: string },
  options: RestApiOptions,
): void {
  const requestId = randomUUID();
  readBody(request, MAX_REQUEST_BYTES)
    .then((body) => (body === undefined ? TOO_LARGE : answerTo(request, body, { api, target, requestId }, options)))
    .catch((error: unknown) => {
      if (request.errored !== null) return INTERNAL_ERROR;
      options.log({ functionName: '-', stream: 'platform', text: `The API ${api.name} failed: ${String(error)}` });
      return INTERNAL_ERROR;
    })
    .then((answer) =>
      sendAnswer(
        response,
        'errorType' in answer ? gatewayAnswer(answer, api.gatewayResponses, { 'context.requestId': requestId }) : answer,
        requestId,
      ),
    );
}

function sendAnswer(response: ServerResponse, { status, headers, body }: ApiAnswer, requestId: string): void {
  // The client has closed the connection, so it needs no answer.
  if (response.destroyed) return;
  response.writeHead(status, [...headers, 'x-amzn-RequestId', requestId, 'Content-Length', String(body.length)]);
  response.end(body);
}

async function answerTo(
  request: IncomingMessage,
  body: Buffer,
  { api, target, requestId }: { readonly api: DeployedApi; readonly target: string; readonly requestId: string },
  options: RestApiOptions,
): Promise<ApiAnswer | Fault> {
  const { headers, rawHeaders, method: httpMethod = 'GET', httpVersion, socket } = request;
  const [, stageName = '', below = '', query = ''] = /^\/([^/?]*)([^?]*)\??(.*)$/s.exec(target) ?? [];
  const stage = api.stages.find(({ name }) => name === stageName);
  if (stage === undefined) return FORBIDDEN;
  const path = below || '/';
  const matched = matchMethod(api.methods, httpMethod, path);
  if (matched === undefined) return NO_SUCH_METHOD;
  const { place, identities } = options;
  const authorized = await authorizerOf(request, { api, stage, matched, path }, options);
  if (authorized !== undefined && 'status' in authorized) return authorized;
  const event = proxyEvent(
    { httpMethod, path, query, rawHeaders, body, httpVersion, sourceIp: socket.remoteAddress ?? '', port: socket.localPort ?? 0 },
    {
      ...{ ...matched, api, stage, requestId, accountId: place.accountId },
      ...(matched.method.authorization === 'AWS_IAM' && { caller: identities.signerOf(headers.authorization) }),
      ...(authorized !== undefined && { authorized }),
    } satisfies Matched,
  );
  const text = JSON.stringify(event);
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) return TOO_LARGE;
  const invocation = await inTime(matched.method.timeoutMs, invoke(matched.method.function, text, options));
  if (invocation === undefined) return TIMED_OUT;
  if (typeof invocation !== 'string') return invocation;
  const answer = proxyAnswer(invocation, isBinary(api.binaryMediaTypes, headers.accept));
  if (!('problem' in answer)) return answer;
  const where = `${httpMethod} ${matched.method.path} of the API ${api.name}`;
  const reason = `Malformed Lambda proxy response: ${answer.problem}`;
  options.log({ functionName: matched.method.function.name, stream: 'platform', text: `${where} answers 502: ${reason}` });
  return MALFORMED_ANSWER;
}

/** @returns `undefined` for a method without an authorizer */
async function authorizerOf(
  { headers, method = 'GET' }: IncomingMessage,
  {
    api,
    stage,
    matched,
    path,
  }: { readonly api: DeployedApi; readonly stage: ApiStage; readonly matched: MatchedMethod; readonly path: string },
  options: RestApiOptions,
): Promise<Authorized | Fault | undefined> {
  const { authorizer } = matched.method;
  if (authorizer === undefined) return undefined;
  const { region, accountId } = options.place;
  const methodArn = `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${method}${path}`;
  const token = [headers[authorizer.header]].flat()[0];
  return authorizeRequest(authorizer, { token, methodArn }, options);
}

/** @returns the function's response, or the answer that it failed */
async function invoke({ name, arn }: DeployedFunction, event: string, options: RestApiOptions): Promise<string | Fault> {
  const invocation = await options.invoke(name, arn, event);
  if (invocation === undefined) return INTERNAL_ERROR;
  return invocation.result.kind === 'succeeded' ? invocation.result.response : MALFORMED_ANSWER;
}

/** @returns `undefined` if the work takes longer; it goes on */
async function inTime<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => over.resolve(undefined), ms);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
