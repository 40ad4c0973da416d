import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployedFunction } from '../template/deployed.ts';
import type { Isolate } from './isolate.ts';
import { consoleLine, failureLine, platformLine } from './log-lines.ts';
import { splitLines } from './split-lines.ts';
import { type Isolation, startIsolate } from './start-isolate.ts';
import type { Failure, WorkerMessage } from './worker-messages.ts';

/** How an invocation ended. */
export type InvocationResult =
  | { readonly kind: 'succeeded'; readonly response: string }
  | {
      readonly kind: 'failed' | 'timed-out' | 'crashed';
      readonly error: string;
      /** The error of the function's code, if that is the reason. */
      readonly failure?: Failure;
    };

type EndedResult = Extract<InvocationResult, { readonly error: string }>;

/** A line that a function wrote, or that the platform writes about it (timeouts, crashes), as in CloudWatch Logs. */
export interface LogLine {
  readonly functionName: string;
  /** The invocation that wrote it; absent outside of invocations. */
  readonly requestId?: string;
  /** `console` writes to `stdout` at every level. */
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

/** Lambda's limit for loading a function, which the function's own timeout does not include. */
const INIT_SECONDS = 10;

/** One execution environment: it loads the function once, then runs one invocation after another. */
export class FunctionWorker {
  readonly #function: DeployedFunction;
  readonly #isolate: Isolate;
  readonly #log: (line: LogLine) => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #temporaryDirectory = mkdtempSync(join(tmpdir(), 'posthorn-function-'));
  readonly #startedMs = performance.now();
  readonly #loaded = Promise.withResolvers<void>();
  #idleSinceMs = performance.now();
  #ended: EndedResult | undefined;
  #current: { readonly requestId: string; startedMs: number; finish(result: InvocationResult): void } | undefined;

  constructor(
    deployed: DeployedFunction,
    options: { readonly isolation: Isolation; readonly environment: Readonly<Record<string, string>>; log(line: LogLine): void },
  ) {
    this.#function = deployed;
    this.#log = options.log;
    this.#isolate = startIsolate(options.isolation, {
      environment: { TMPDIR: this.#temporaryDirectory, ...options.environment },
      memoryMegabytes: deployed.memoryMegabytes,
      onMessage: (message) => this.#receive(message),
      onExit: (reason) => this.#exited(reason),
      onOutput: (stream, output) => splitLines(output, (text) => this.#write(stream, text)),
    });
  }

  get id(): string {
    return this.#isolate.id;
  }
  get pid(): number {
    return this.#isolate.pid;
  }
  get isBusy(): boolean {
    return this.#current !== undefined;
  }
  /** The end of its last invocation, on the clock of `performance.now()`. */
  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }
  /** Resolves when it has loaded the function or ended. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }
  /** Whether it can take another invocation. */
  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  /** Never rejects: a function's error is a result. A timeout ends the worker. Call it for one invocation at a time. */
  async invoke(event: string, requestId: string): Promise<InvocationResult> {
    const finished = Promise.withResolvers<InvocationResult>();
    const current = {
      requestId,
      startedMs: performance.now(),
      // Set synchronously: a thread may exit after its last message before any promise settles.
      finish: (result: InvocationResult) => {
        this.#current = undefined;
        finished.resolve(result);
      },
    };
    this.#current = current;
    const { timeoutSeconds } = this.#function;
    if (this.#ended !== undefined) current.finish(this.#ended);
    const initTimer = setTimeout(() => this.#timeOut(requestId, INIT_SECONDS + timeoutSeconds), (INIT_SECONDS + timeoutSeconds) * 1000);
    let timer: NodeJS.Timeout | undefined;
    this.#ready.promise.then(() => {
      clearTimeout(initTimer);
      if (this.#current?.requestId !== requestId) return;
      current.startedMs = performance.now();
      timer = setTimeout(() => this.#timeOut(requestId, timeoutSeconds), timeoutSeconds * 1000);
      const deadlineEpochMs = Date.now() + timeoutSeconds * 1000;
      this.#isolate.send({ requestId, event, deadlineEpochMs, functionArn: this.#function.arn });
    });
    const result = await finished.promise;
    clearTimeout(initTimer);
    clearTimeout(timer);
    this.#idleSinceMs = performance.now();
    return result;
  }

  async end(): Promise<void> {
    this.#ended ??= { kind: 'crashed', error: 'was ended' };
    await this.#isolate.end();
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'ready':
        this.#ready.resolve();
        this.#loaded.resolve();
        return;
      case 'init-error':
        this.#logInitError(message);
        this.#endAs({ kind: 'crashed', error: `could not be loaded: ${message.errorMessage}`, failure: message });
        return;
      case 'result':
        if (this.#current?.requestId === message.requestId) this.#current.finish({ kind: 'succeeded', response: message.response });
        return;
      case 'error': {
        if (this.#current?.requestId !== message.requestId) return;
        this.#write('platform', failureLine(this.#function.logging.format, 'Invoke Error', message.requestId, message));
        this.#current.finish({ kind: 'failed', error: `${message.errorType}: ${message.errorMessage}`, failure: message });
      }
    }
  }

  #timeOut(requestId: string, seconds: number): void {
    if (this.#current?.requestId !== requestId) return;
    const error = `Task timed out after ${seconds.toFixed(2)} seconds`;
    if (this.#function.logging.format === 'JSON') this.#report({ status: 'timeout' });
    else this.#write('platform', `${new Date().toISOString()} ${requestId} ${error}`);
    this.#endAs({ kind: 'timed-out', error });
  }

  /** The exit finishes the invocation: only then can the worker no longer act on its batch. */
  #endAs(result: EndedResult): void {
    this.#ended = result;
    this.#isolate.end().catch((cause: unknown) => this.#exited(String(cause)));
  }

  #exited(reason: string): void {
    if (this.#ended === undefined) this.#logExit(reason);
    this.#ended ??= { kind: 'crashed', error: reason };
    this.#loaded.resolve();
    this.#removeTemporaryDirectory();
    this.#current?.finish(this.#ended);
  }

  #removeTemporaryDirectory(): void {
    try {
      rmSync(this.#temporaryDirectory, { recursive: true, force: true });
    } catch (error) {
      this.#write('platform', `The embedded cloud could not remove ${this.#temporaryDirectory}: ${String(error)}`);
    }
  }

  #logInitError(failure: Failure): void {
    const { format } = this.#function.logging;
    this.#write('platform', failureLine(format, 'Uncaught Exception', undefined, failure));
    if (format === 'Text') return;
    const phase = { initializationType: 'on-demand', phase: 'init', status: 'error', errorType: failure.errorType };
    this.#write(
      'platform',
      platformLine('platform.initReport', { ...phase, metrics: { durationMs: performance.now() - this.#startedMs } }),
    );
  }

  #logExit(reason: string): void {
    const requestId = this.#current?.requestId;
    const message = `Runtime exited${requestId === undefined ? ' between invocations' : ''}: ${reason}`;
    if (this.#function.logging.format === 'JSON') {
      this.#write('platform', consoleLine('JSON', 'ERROR', requestId, [message]));
      this.#report({ status: 'failure', errorType: 'Runtime.ExitError' });
    } else {
      const request = requestId === undefined ? '' : ` ${requestId}`;
      this.#write('platform', `${new Date().toISOString()}${request} Error: ${message}`);
    }
  }

  /** Writes the platform's report of the current invocation, if any. */
  #report(end: { readonly status: 'timeout' | 'failure'; readonly errorType?: string }): void {
    if (this.#current === undefined) return;
    const { requestId, startedMs } = this.#current;
    const durationMs = performance.now() - startedMs;
    const metrics = { durationMs, billedDurationMs: Math.ceil(durationMs), memorySizeMB: this.#function.memoryMegabytes };
    this.#write('platform', platformLine('platform.report', { requestId, ...end, metrics }));
  }

  #write(stream: LogLine['stream'], text: string): void {
    const requestId = this.#current?.requestId;
    this.#log({ functionName: this.#function.name, ...(requestId === undefined ? {} : { requestId }), stream, text });
  }
}
