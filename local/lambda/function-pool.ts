import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Credentials } from '../services/identities.ts';
import type { DeployedFunction } from '../template/deployed.ts';
import type { Place } from '../template/resource-types.ts';
import { collectGarbage } from './collect-garbage.ts';
import { functionEnvironment } from './function-environment.ts';
import { FunctionWorker, type InvocationResult, type LogLine } from './function-worker.ts';
import { idleTooLong } from './idle-workers.ts';
import type { Isolation } from './start-isolate.ts';

/** A worker, for observers. */
export interface WorkerStatus {
  readonly functionName: string;
  readonly id: string;
  readonly pid: number;
  readonly isBusy: boolean;
}

interface Invoked {
  readonly result: InvocationResult;
  readonly isColdStart: boolean;
}

/** How often idle workers are looked for. */
const CHECK_MS = 2_500;
/**
 * For so long a batch waits for a worker that is warm, or several do one after the other, before another is started: loading one takes
 * longer. So a function has as many as it needs, not as many as there were messages at once.
 */
const START_AFTER_MS = 200;
/** More would start no sooner: loading a function is work. */
const MAX_STARTING = availableParallelism();

/** The warm workers of one version of a function. It starts another when all are busy. The caller limits their number. */
export class FunctionPool {
  readonly #function: DeployedFunction;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #isolation: Isolation;
  readonly #log: (line: LogLine) => void;
  readonly #workers = new Set<FunctionWorker>();
  readonly #invocations = new Set<Promise<unknown>>();
  readonly #waiting = new Set<() => void>();
  #starting = 0;
  /** Batches that wait for a worker. */
  #unserved = 0;
  /** Since then batches have waited, one after the other, and no worker has been started; on the clock of `performance.now()`. */
  #lackingSinceMs: number | undefined;
  #isFedByQueue = false;
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'retired' | 'ended' = 'open';

  constructor(
    deployed: DeployedFunction,
    options: { readonly place: Place; readonly credentials: Credentials; readonly isolation: Isolation; log(line: LogLine): void },
  ) {
    this.#function = deployed;
    this.#environment = functionEnvironment(deployed, options.place, options.credentials);
    this.#isolation = options.isolation;
    this.#log = options.log;
  }

  /** Says that a queue feeds it, so that its last worker stays warm for the next message. */
  feedByQueue(): void {
    this.#isFedByQueue = true;
  }

  /** Never rejects: a function's error is a result. */
  async invoke(event: string, requestId: string): Promise<Invoked> {
    const invocation = this.#invoke(event, requestId);
    this.#invocations.add(invocation);
    try {
      return await invocation;
    } finally {
      this.#invocations.delete(invocation);
      this.#wakeOne();
    }
  }

  async #invoke(event: string, requestId: string): Promise<Invoked> {
    const sinceMs = performance.now();
    let warm = this.#idleWorker();
    if (warm !== undefined && this.#unserved === 0) this.#lackingSinceMs = undefined;
    this.#unserved++;
    while (warm === undefined && this.#state !== 'ended' && this.#usable().length > 0) {
      this.#lackingSinceMs ??= performance.now();
      const waitMs = Math.min(sinceMs, this.#lackingSinceMs) + START_AFTER_MS - performance.now();
      if (waitMs <= 0 && this.#starting < MAX_STARTING) break;
      await this.#nextWake(Math.max(waitMs, 0));
      warm = this.#idleWorker();
    }
    this.#unserved--;
    if (this.#state === 'ended') return { result: { kind: 'crashed', error: 'was ended' }, isColdStart: true };
    const worker = warm ?? this.#start();
    const result = await worker.invoke(event, requestId);
    if (this.#state === 'retired') await worker.end();
    return { result, isColdStart: warm === undefined };
  }

  /** Until a worker may be free, or for so long; 0 for no limit. */
  async #nextWake(limitMs: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#waiting.add(woken.resolve);
    const timer = limitMs > 0 ? setTimeout(woken.resolve, limitMs) : undefined;
    await woken.promise;
    clearTimeout(timer);
    this.#waiting.delete(woken.resolve);
  }

  #wakeOne(): void {
    const [wake] = this.#waiting;
    if (wake === undefined) return;
    this.#waiting.delete(wake);
    wake();
  }

  /** The one that was used last, so that those which are not needed stay idle. */
  #idleWorker(): FunctionWorker | undefined {
    const usable = this.#usable();
    return usable.filter(({ isBusy }) => !isBusy).toSorted((a, b) => b.idleSinceMs - a.idleSinceMs)[0];
  }

  #usable(): readonly FunctionWorker[] {
    for (const worker of this.#workers) if (!worker.isUsable) this.#workers.delete(worker);
    return [...this.#workers];
  }

  #endIdleWorkers(): void {
    const ended = idleTooLong(this.#usable(), { nowMs: performance.now(), isFedByQueue: this.#isFedByQueue });
    for (const worker of ended) void worker.end();
    if (ended.length > 0) collectGarbage();
    if (this.#usable().length === 0) this.#stopTimer();
  }

  statuses(): readonly WorkerStatus[] {
    return [...this.#workers]
      .filter(({ isUsable }) => isUsable)
      .map(({ id, pid, isBusy }) => ({ functionName: this.#function.name, id, pid, isBusy }));
  }

  /** Ends each worker as soon as it is idle. Resolves when all have ended. */
  async retire(): Promise<void> {
    if (this.#state === 'open') this.#state = 'retired';
    await Promise.all([...this.#workers].filter(({ isBusy }) => !isBusy).map((worker) => worker.end()));
    await Promise.all(this.#invocations);
  }

  /** Ends every worker, busy or idle, and starts no more. */
  async end(): Promise<void> {
    this.#state = 'ended';
    this.#stopTimer();
    for (const wake of this.#waiting) wake();
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #start(): FunctionWorker {
    const worker = new FunctionWorker(this.#function, {
      isolation: this.#isolation,
      environment: { ...this.#environment, AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}` },
      log: this.#log,
    });
    this.#workers.add(worker);
    this.#lackingSinceMs = undefined;
    this.#starting++;
    worker.loaded.then(() => {
      this.#starting--;
      this.#wakeOne();
    });
    this.#timer ??= setInterval(() => this.#endIdleWorkers(), CHECK_MS).unref();
    return worker;
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
