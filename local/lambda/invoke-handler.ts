import type { Context, SQSEvent } from 'aws-lambda';
import type { Failure, Invocation, WorkerMessage } from './worker-messages.ts';

/** Lambda's limit for a response. */
const MAX_RESPONSE_BYTES = 6_291_556;

/** A function that a queue feeds. A rule gives it its event instead of an SQSEvent. */
export type Handler = (event: SQSEvent, context: Context) => unknown;

/**
 * Invokes a handler as Lambda's Node.js runtime does.
 *
 * @param environment the function's, by Lambda's names
 * @returns the response or the error; never rejects
 */
export async function invokeHandler(
  handler: Handler,
  { requestId, event, deadlineEpochMs, functionArn }: Invocation,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<WorkerMessage> {
  try {
    const result = await handler(JSON.parse(event), {
      awsRequestId: requestId,
      functionName: environment.AWS_LAMBDA_FUNCTION_NAME ?? '',
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
      logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
      logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMs - Date.now()),
      ...{ done: refuseCallback, fail: refuseCallback, succeed: refuseCallback },
    });
    const response = JSON.stringify(result) ?? 'null';
    const bytes = Buffer.byteLength(response);
    if (bytes <= MAX_RESPONSE_BYTES) return { type: 'result', requestId, response };
    const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    return { type: 'error', requestId, errorType: 'Function.ResponseSizeTooLarge', errorMessage, stack: '' };
  } catch (error) {
    return { type: 'error', requestId, ...describeFailure(error) };
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html */
function refuseCallback(): never {
  throw new Error('Node.js 24 on Lambda has no callbacks: return a promise');
}

export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), stack: '' };
  return { errorType: error.name, errorMessage: error.message, stack: error.stack ?? '' };
}
