import { createInterface } from 'node:readline';
import type { DeployedFunction } from './deployment.ts';
import { type Isolate, type Isolation, startIsolate } from './isolate.ts';
import type { WorkerMessage } from './worker-messages.ts';

/** How an invocation ended. */
export type InvocationResult =
  | { readonly kind: 'succeeded'; readonly response: string }
  | { readonly kind: 'failed' | 'timed-out' | 'crashed'; readonly error: string };

type EndedResult = Extract<InvocationResult, { readonly error: string }>;

/** A line that a function wrote, or that the platform writes about it (timeouts, crashes), as CloudWatch Logs would hold it. */
export interface LogLine {
  readonly functionName: string;
  /** The invocation during which it was written; absent during initialisation. */
  readonly requestId?: string;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

/** Lambda gives a function ten seconds to load before it starts counting the function's own timeout. */
const INIT_SECONDS = 10;

/** One execution environment: loads the function once, then handles one invocation after another. */
export class FunctionWorker {
  readonly #function: DeployedFunction;
  readonly #isolate: Isolate;
  readonly #log: (line: LogLine) => void;
  readonly #ready = Promise.withResolvers<void>();
  #ended: EndedResult | undefined;
  #current: { readonly requestId: string; finish(result: InvocationResult): void } | undefined;

  constructor(
    deployed: DeployedFunction,
    options: { readonly isolation: Isolation; readonly environment: Readonly<Record<string, string>>; log(line: LogLine): void },
  ) {
    this.#function = deployed;
    this.#log = options.log;
    this.#isolate = startIsolate(options.isolation, {
      environment: options.environment,
      memoryMegabytes: deployed.memoryMegabytes,
      onMessage: (message) => this.#receive(message),
      onExit: (reason) => this.#exited(reason),
      onOutput: (stream, output) => {
        createInterface({ input: output }).on('line', (text) => this.#write(stream, text));
      },
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
  /** Whether it can take another invocation. */
  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  /** Never rejects: an error of the function is a result. Ends the worker on a timeout. One invocation at a time. */
  async invoke(event: string, requestId: string): Promise<InvocationResult> {
    const finished = Promise.withResolvers<InvocationResult>();
    this.#current = { requestId, finish: finished.resolve };
    const { timeoutSeconds } = this.#function;
    if (this.#ended !== undefined) finished.resolve(this.#ended);
    const initTimer = setTimeout(() => this.#timeOut(requestId, INIT_SECONDS + timeoutSeconds), (INIT_SECONDS + timeoutSeconds) * 1000);
    let timer: NodeJS.Timeout | undefined;
    this.#ready.promise.then(() => {
      clearTimeout(initTimer);
      if (this.#current?.requestId !== requestId) return;
      timer = setTimeout(() => this.#timeOut(requestId, timeoutSeconds), timeoutSeconds * 1000);
      const deadlineEpochMs = Date.now() + timeoutSeconds * 1000;
      this.#isolate.send({ requestId, event, deadlineEpochMs, functionArn: this.#function.arn });
    });
    const result = await finished.promise;
    clearTimeout(initTimer);
    clearTimeout(timer);
    this.#current = undefined;
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
        return;
      case 'init-error':
        this.#write('platform', `${message.errorType}: ${message.errorMessage}\n${message.stack}`);
        this.#endAs({ kind: 'crashed', error: `could not be loaded: ${message.errorMessage}` });
        return;
      case 'result':
        if (this.#current?.requestId === message.requestId) this.#current.finish({ kind: 'succeeded', response: message.response });
        return;
      case 'error': {
        if (this.#current?.requestId !== message.requestId) return;
        const { errorType, errorMessage, stack } = message;
        const detail = JSON.stringify({ errorType, errorMessage, stack: stack.split('\n') });
        this.#write('platform', `${new Date().toISOString()}\t${message.requestId}\tERROR\tInvoke Error\t${detail}`);
        this.#current.finish({ kind: 'failed', error: `${errorType}: ${errorMessage}` });
      }
    }
  }

  #timeOut(requestId: string, seconds: number): void {
    if (this.#current?.requestId !== requestId) return;
    const error = `Task timed out after ${seconds.toFixed(2)} seconds`;
    this.#write('platform', `${new Date().toISOString()} ${requestId} ${error}`);
    this.#endAs({ kind: 'timed-out', error });
  }

  /** The invocation is finished by the exit: only then can the worker no longer do anything for its batch. */
  #endAs(result: EndedResult): void {
    this.#ended = result;
    this.#isolate.end().catch((cause: unknown) => this.#exited(String(cause)));
  }

  #exited(reason: string): void {
    const current = this.#current;
    if (this.#ended === undefined && current !== undefined) {
      this.#write('platform', `${new Date().toISOString()} ${current.requestId} Error: Runtime exited: ${reason}`);
    }
    this.#ended ??= { kind: 'crashed', error: reason };
    current?.finish(this.#ended);
  }

  #write(stream: LogLine['stream'], text: string): void {
    const requestId = this.#current?.requestId;
    this.#log({ functionName: this.#function.name, ...(requestId === undefined ? {} : { requestId }), stream, text });
  }
}
