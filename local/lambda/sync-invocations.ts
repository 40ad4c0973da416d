import { randomUUID } from 'node:crypto';
import type { InvocationEvent } from './event-source.ts';
import type { FunctionPool } from './function-pool.ts';
import type { InvocationResult } from './function-worker.ts';

/** The end of an invocation whose sender waits for the response. */
export interface SyncInvocation {
  readonly requestId: string;
  readonly result: InvocationResult;
}

export interface SyncInvocationsOptions {
  /** The pool of a function's current version. */
  pool(functionArn: string): FunctionPool | undefined;
  onInvocation(event: InvocationEvent): void;
}

/** At once, for one function; the others wait. Lambda has no such limit; here each has a worker of its own. */
const MAX_CONCURRENT = 10;

/** A function's invocations that run, and those that wait for one of them to end. */
interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lambda's synchronous invocation. */
export class SyncInvocations {
  readonly #options: SyncInvocationsOptions;
  /** By the function's ARN. */
  readonly #lines = new Map<string, Line>();
  readonly #running = new Set<Promise<unknown>>();
  #isStopped = false;

  constructor(options: SyncInvocationsOptions) {
    this.#options = options;
  }

  /** @param event JSON text @returns `undefined` for a function that is not deployed */
  async invoke(functionName: string, functionArn: string, event: string): Promise<SyncInvocation | undefined> {
    if (this.#options.pool(functionArn) === undefined) return undefined;
    const line = this.#lines.get(functionArn) ?? { running: 0, waiting: [] };
    this.#lines.set(functionArn, line);
    while (line.running >= MAX_CONCURRENT && !this.#isStopped) await new Promise<void>((resolve) => line.waiting.push(resolve));
    const pool = this.#options.pool(functionArn);
    if (pool === undefined || this.#isStopped) return undefined;
    line.running++;
    const running = this.#run(functionName, pool, event);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      line.running--;
      line.waiting.shift()?.();
    }
  }

  /** Drops the invocations that wait. Resolves when the current ones have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { waiting } of this.#lines.values()) for (const go of waiting.splice(0)) go();
    await Promise.all(this.#running);
  }

  async #run(functionName: string, pool: FunctionPool, event: string): Promise<SyncInvocation> {
    const requestId = randomUUID();
    const startedMs = performance.now();
    const { result, isColdStart } = await pool.invoke(event, requestId);
    this.#options.onInvocation({
      ...{ functionName, requestId, messageIds: [], failedMessageIds: [], outcome: result.kind, isColdStart },
      ...(result.kind === 'succeeded' ? {} : { error: result.error }),
      durationMs: performance.now() - startedMs,
    });
    return { requestId, result };
  }
}
