import { randomUUID } from 'node:crypto';
import type { RunningFunctions } from '../../lambda/running-functions.ts';
import { functionArn, type Place } from '../../template/resource-types.ts';
import { functionError } from './function-error.ts';
import { functionReference } from './function-reference.ts';
import { type LambdaAnswer, lambdaError } from './lambda-answer.ts';

export interface InvokeRequest {
  /** A function's name or ARN. */
  readonly reference: string;
  readonly qualifier: string | undefined;
  /** The header `X-Amz-Invocation-Type`. @default `RequestResponse` */
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** Lambda's limits for an event. */
const MAX_SYNC_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_BYTES = 1024 * 1024;

/** Lambda's Invoke. */
export async function invokeFunction(request: InvokeRequest, functions: RunningFunctions, place: Place): Promise<LambdaAnswer> {
  const { reference, qualifier, type = 'RequestResponse', body } = request;
  const name = functionReference(reference, qualifier);
  const arn = functionArn(name ?? reference, place);
  if (name === undefined || !functions.has(arn)) return notFound(arn);
  const maxBytes = type === 'Event' ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
  if (body.length > maxBytes) {
    const message = `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`;
    return lambdaError('RequestTooLargeException', message, 413);
  }
  const event = body.length === 0 ? '{}' : body.toString('utf8');
  const problem = jsonProblem(event);
  if (problem !== undefined) {
    return lambdaError('InvalidRequestContentException', `Could not parse request body into json: ${problem}`);
  }
  switch (type) {
    case 'RequestResponse':
      return (await invokeAndWait(name, arn, event, functions)) ?? notFound(arn);
    case 'Event':
      functions.invokeAsync({ functionName: name, functionArn: arn, event, origin: `Invoke ${randomUUID()}` });
      return { status: 202, body: '' };
    case 'DryRun':
      return { status: 204 };
    default:
      return lambdaError('InvalidParameterValueException', `Unknown invocation type ${JSON.stringify(type)}`);
  }
}

async function invokeAndWait(name: string, arn: string, event: string, functions: RunningFunctions): Promise<LambdaAnswer | undefined> {
  const invocation = await functions.invoke(name, arn, event);
  if (invocation === undefined) return undefined;
  const { requestId, result } = invocation;
  const headers = { 'x-amzn-requestid': requestId, 'x-amz-executed-version': '$LATEST' };
  if (result.kind === 'succeeded') return { status: 200, headers, body: result.response };
  return { status: 200, headers: { ...headers, 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify(functionError(invocation)) };
}

function notFound(arn: string): LambdaAnswer {
  const reason = 'The embedded cloud runs the functions of deployed stacks that a queue, a rule or an API feeds';
  return lambdaError('ResourceNotFoundException', `Function not found: ${arn}. ${reason}`, 404);
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
