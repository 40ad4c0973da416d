import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { Invocation, WorkerMessage } from './worker-messages.ts';

// What runs a function, in a thread or in a process of its own: Lambda's Node.js runtime, as far as a handler sees it.

const port = {
  send: (message: WorkerMessage) => (parentPort === null ? process.send?.(message) : parentPort.postMessage(message)),
  receive: (listener: (invocation: Invocation) => void) => (parentPort ?? process).on('message', listener),
};

// Lambda's image brings the AWS SDK; here this package's own stands in for it where the code's folder has none.
registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error;
      return nextResolve(specifier, { ...context, parentURL: import.meta.url });
    }
  },
});

type Handler = (event: unknown, context: object) => unknown;

async function loadHandler(): Promise<Handler> {
  const { LAMBDA_TASK_ROOT: root = '', _HANDLER: name = '' } = process.env;
  const dot = name.lastIndexOf('.');
  const [file, exportName] = [name.slice(0, dot), name.slice(dot + 1)];
  const path = ['.mjs', '.js', '.cjs'].map((extension) => join(root, `${file}${extension}`)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`Cannot find module '${file}' in ${root}`);
  const module: Record<string, unknown> & { readonly default?: Record<string, unknown> } = await import(pathToFileURL(path).href);
  const handler = module[exportName] ?? module.default?.[exportName];
  if (!isHandler(handler)) throw new Error(`${name} is not a function`);
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

async function invoke(handler: Handler, { requestId, event, deadlineEpochMs, functionArn }: Invocation): Promise<WorkerMessage> {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName = '', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB = '' } = process.env;
  try {
    const result = await handler(JSON.parse(event), {
      awsRequestId: requestId,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB,
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMs - Date.now()),
    });
    return { type: 'result', requestId, response: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { type: 'error', requestId, ...describe(error) };
  }
}

function describe(error: unknown): { readonly errorType: string; readonly errorMessage: string; readonly stack: string } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), stack: '' };
  return { errorType: error.name, errorMessage: error.message, stack: error.stack ?? '' };
}

try {
  const handler = await loadHandler();
  port.receive((invocation) => {
    invoke(handler, invocation).then(port.send);
  });
  port.send({ type: 'ready' });
} catch (error) {
  port.send({ type: 'init-error', ...describe(error) });
}
