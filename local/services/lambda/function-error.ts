import type { SyncInvocation } from '../../lambda/sync-invocations.ts';

/**
 * The payload that Lambda answers for an invocation that failed.
 *
 * @returns `undefined` for one that succeeded
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export function functionError({ requestId, result }: SyncInvocation): object | undefined {
  if (result.kind === 'succeeded') return undefined;
  if (result.failure !== undefined) {
    const { errorType, errorMessage, stack } = result.failure;
    return { errorType, errorMessage, trace: stack.split('\n') };
  }
  const errorType = result.kind === 'timed-out' ? 'Sandbox.Timedout' : 'Runtime.ExitError';
  return { errorType, errorMessage: `RequestId: ${requestId} Error: ${result.error}` };
}
