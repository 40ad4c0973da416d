import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { collectGarbage } from './collect-garbage.ts';
import { describeFailure, type Handler, invokeHandler } from './invoke-handler.ts';
import { consoleLine, LOG_LEVELS, type LogLevel } from './log-lines.ts';
import type { Invocation, WorkerMessage } from './worker-messages.ts';

// Runs a function in a thread or a process, like Lambda's Node.js runtime.

const port = {
  send: (message: WorkerMessage) => (parentPort === null ? process.send?.(message) : parentPort.postMessage(message)),
  receive: (listener: (invocation: Invocation) => void) => (parentPort ?? process).on('message', listener),
};

// Lambda's image contains the AWS SDK. Here this package's own SDK replaces it if the code's folder has none.
const [, , packageUrl] = process.argv;
registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error;
      return nextResolve(specifier, { ...context, parentURL: packageUrl });
    }
  },
});

/** The garbage of a burst is given back when a worker has been idle for so long. */
const COLLECT_AFTER_MS = 3_000;

let currentRequestId: string | undefined;
let collecting: NodeJS.Timeout | undefined;

/** Writes `console` calls to stdout, in the format and from the level that the environment sets, as Lambda's runtime does. */
function patchConsole(): void {
  const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL } = process.env;
  const format = AWS_LAMBDA_LOG_FORMAT === 'JSON' ? 'JSON' : 'Text';
  const order: readonly unknown[] = LOG_LEVELS;
  const lowest = order.indexOf(AWS_LAMBDA_LOG_LEVEL);
  const at = (level: LogLevel) =>
    order.indexOf(level) < lowest
      ? () => undefined
      : (...values: unknown[]) => void process.stdout.write(`${consoleLine(format, level, currentRequestId, values)}\n`);
  for (const level of LOG_LEVELS) Object.assign(console, { [level.toLowerCase()]: at(level) });
  console.log = console.info;
}

/** A trace header as for a function without active tracing: not sampled. */
function traceHeader(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

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

function invoke(handler: Handler, invocation: Invocation): Promise<WorkerMessage> {
  currentRequestId = invocation.requestId;
  process.env._X_AMZN_TRACE_ID = traceHeader();
  return invokeHandler(handler, invocation, process.env);
}

patchConsole();
try {
  const handler = await loadHandler();
  port.receive((invocation) => {
    clearTimeout(collecting);
    invoke(handler, invocation).then((message) => {
      port.send(message);
      collecting = setTimeout(collectGarbage, COLLECT_AFTER_MS).unref();
    });
  });
  port.send({ type: 'ready' });
} catch (error) {
  port.send({ type: 'init-error', ...describeFailure(error) });
}
