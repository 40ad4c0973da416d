import type { IncomingMessage, ServerResponse } from 'node:http';
import { EmbeddedCloudError } from '../../errors.ts';
import type { RunningFunctions } from '../../lambda/running-functions.ts';
import type { Place } from '../../template/resource-types.ts';
import type { Route } from '../endpoint.ts';
import { signedService } from '../missing-service.ts';
import { readBody } from '../read-body.ts';
import { invokeFunction } from './invoke-function.ts';
import { type LambdaAnswer, lambdaError, sendLambdaAnswer } from './lambda-answer.ts';
import { getMapping, listMappings, updateMapping } from './mapping-requests.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const MAPPINGS = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?$/;
/** More than the API takes, so that it can answer with its own limit. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Lambda's API, as far as the embedded cloud has it. The signature selects it, or the path of a request without one. */
export function lambdaRoute(functions: RunningFunctions, place: Place): Route {
  return {
    takes({ headers, url = '' }) {
      const signed = signedService(headers);
      return signed === 'lambda' || (signed === undefined && /^\/2015-03-31\/(?:functions|event-source-mappings)\b/.test(url));
    },
    answer: (request, response) => answerLambda(request, response, functions, place),
  };
}

function answerLambda(request: IncomingMessage, response: ServerResponse, functions: RunningFunctions, place: Place): void {
  readBody(request, MAX_BYTES)
    .then((body) => execute(request, body, functions, place))
    .then((answer) => sendLambdaAnswer(response, answer))
    .catch((error: unknown) => {
      // The client has closed the connection, so it needs no answer.
      if (response.destroyed || request.errored !== null) response.destroy();
      else
        sendLambdaAnswer(
          response,
          lambdaError('ServiceException', error instanceof EmbeddedCloudError ? error.message : String(error), 500),
        );
    });
}

function execute(
  { url: target = '/', method = 'GET', headers }: IncomingMessage,
  body: Buffer | undefined,
  functions: RunningFunctions,
  place: Place,
): Promise<LambdaAnswer> | LambdaAnswer {
  const { pathname, searchParams } = new URL(target, place.endpoint);
  if (body === undefined) return lambdaError('RequestTooLargeException', `The request is larger than ${MAX_BYTES} bytes`, 413);
  const [, reference] = INVOCATIONS.exec(pathname) ?? [];
  if (reference !== undefined && method === 'POST') {
    const type = headers['x-amz-invocation-type'];
    const qualifier = searchParams.get('Qualifier') ?? undefined;
    return invokeFunction({ reference: decoded(reference), qualifier, type: type?.toString(), body }, functions, place);
  }
  const [path, uuid = ''] = MAPPINGS.exec(pathname) ?? [];
  if (path !== undefined && uuid === '' && method === 'GET') return listMappings(searchParams, functions.sources, place);
  if (uuid !== '' && method === 'GET') return getMapping(decoded(uuid), functions.sources, place);
  if (uuid !== '' && method === 'PUT') {
    const input = parsed(body);
    if (input === undefined) return lambdaError('InvalidRequestContentException', 'Could not parse request body into json');
    return updateMapping(decoded(uuid), input, functions.sources, place);
  }
  const there = 'Invoke, ListEventSourceMappings, GetEventSourceMapping and UpdateEventSourceMapping';
  return lambdaError('UnknownOperationException', `The embedded cloud has of Lambda ${there}, and not ${method} ${pathname}`, 404);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // No name or UUID, so it will not be found.
    return part;
  }
}

/** @returns `undefined` for what is not JSON */
function parsed(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
