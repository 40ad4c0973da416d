import { randomUUID } from 'node:crypto';
import type { InvocationEvent } from './event-source.ts';
import type { FunctionPool } from './function-pool.ts';
import type { LogLine } from './function-worker.ts';

/** An event for a function, whose sender waits for no response. */
export interface AsyncInvocation {
  readonly functionName: string;
  readonly functionArn: string;
  /** JSON text. */
  readonly event: string;
  /** Where the event comes from, for the log, e.g. `rule mesh-roster`. */
  readonly origin: string;
}

interface Attempt extends AsyncInvocation {
  readonly requestId: string;
  readonly number: number;
}

export interface AsyncInvocationsOptions {
  /** The pool of a function's current version. */
  pool(functionArn: string): FunctionPool | undefined;
  log(line: LogLine): void;
  onInvocation(event: InvocationEvent): void;
}

/** Before the second and the third attempt. Lambda waits one minute and two. */
const RETRY_DELAYS_MS: readonly number[] = [1_000, 2_000];
/** At once, for one function. Lambda has no such limit; here each has a worker of its own. */
const MAX_CONCURRENT = 5;

/**
 * Lambda's asynchronous invocation: events wait in memory, and a function that fails gets the same event at most twice more.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  /** By the function's ARN. */
  readonly #waiting = new Map<string, Attempt[]>();
  readonly #running = new Map<Promise<void>, string>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  add(invocation: AsyncInvocation): void {
    this.#enqueue({ ...invocation, requestId: randomUUID(), number: 1 });
  }

  /** Drops the events that wait. Resolves when the current invocations have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#retries) clearTimeout(timer);
    this.#waiting.clear();
    await Promise.all(this.#running.keys());
  }

  #enqueue(attempt: Attempt): void {
    if (this.#isStopped) return;
    const waiting = this.#waiting.get(attempt.functionArn) ?? [];
    waiting.push(attempt);
    this.#waiting.set(attempt.functionArn, waiting);
    this.#runNext(attempt.functionArn);
  }

  #runNext(functionArn: string): void {
    const waiting = this.#waiting.get(functionArn) ?? [];
    const runningCount = [...this.#running.values()].filter((arn) => arn === functionArn).length;
    for (const attempt of waiting.splice(0, MAX_CONCURRENT - runningCount)) {
      const running: Promise<void> = this.#run(attempt).finally(() => {
        this.#running.delete(running);
        this.#runNext(functionArn);
      });
      this.#running.set(running, functionArn);
    }
  }

  async #run(attempt: Attempt): Promise<void> {
    const { functionName, functionArn, event, requestId, origin } = attempt;
    const pool = this.#options.pool(functionArn);
    if (pool === undefined) {
      this.#log(attempt, `The event of ${origin} was dropped: ${functionName} is no longer deployed`);
      return;
    }
    const startedMs = performance.now();
    const { result, isColdStart } = await pool.invoke(event, requestId);
    this.#options.onInvocation({
      ...{ functionName, requestId, messageIds: [], failedMessageIds: [], outcome: result.kind, isColdStart },
      ...(result.kind === 'succeeded' ? {} : { error: result.error }),
      durationMs: performance.now() - startedMs,
    });
    if (result.kind !== 'succeeded') this.#retry(attempt, result.error);
  }

  #retry(attempt: Attempt, error: string): void {
    if (this.#isStopped) return;
    const delayMs = RETRY_DELAYS_MS[attempt.number - 1];
    if (delayMs === undefined) {
      this.#log(attempt, `The event of ${attempt.origin} was dropped after ${attempt.number} attempts, of which the last failed: ${error}`);
      return;
    }
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#enqueue({ ...attempt, number: attempt.number + 1 });
    }, delayMs).unref();
    this.#retries.add(timer);
  }

  #log({ functionName, requestId }: Attempt, text: string): void {
    this.#options.log({ functionName, requestId, stream: 'platform', text });
  }
}
