import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { DeployedFunction } from '../template/deployed.ts';
import type { Place } from '../template/resource-types.ts';
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

/** The interval between searches for idle workers. */
const CHECK_MS = 5_000;
/** Workers that load at the same time. More would not be ready sooner: loading needs CPU. Meanwhile an idle worker may take the batch. */
const MAX_STARTING = availableParallelism();

/** The warm workers of one version of a function. It starts another when all are busy. The caller limits their number. */
export class FunctionPool {
  readonly #function: DeployedFunction;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #isolation: Isolation;
  readonly #log: (line: LogLine) => void;
  readonly #workers = new Set<FunctionWorker>();
  readonly #invocations = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #starting = 0;
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'retired' | 'ended' = 'open';

  constructor(deployed: DeployedFunction, options: { readonly place: Place; readonly isolation: Isolation; log(line: LogLine): void }) {
    this.#function = deployed;
    this.#environment = functionEnvironment(deployed, options.place);
    this.#isolation = options.isolation;
    this.#log = options.log;
  }

  /** Never rejects: a function's error is a result. */
  async invoke(event: string, requestId: string): Promise<Invoked> {
    const invocation = this.#invoke(event, requestId);
    this.#invocations.add(invocation);
    try {
      return await invocation;
    } finally {
      this.#invocations.delete(invocation);
      this.#waiting.shift()?.();
    }
  }

  async #invoke(event: string, requestId: string): Promise<Invoked> {
    let warm = this.#idleWorker();
    while (warm === undefined && this.#starting >= MAX_STARTING && this.#state !== 'ended') {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      warm = this.#idleWorker();
    }
    if (this.#state === 'ended') return { result: { kind: 'crashed', error: 'was ended' }, isColdStart: true };
    const worker = warm ?? this.#start();
    const result = await worker.invoke(event, requestId);
    if (this.#state === 'retired') await worker.end();
    return { result, isColdStart: warm === undefined };
  }

  /** The idle worker that was used last, so that surplus workers stay idle. */
  #idleWorker(): FunctionWorker | undefined {
    const usable = this.#usable();
    return usable.filter(({ isBusy }) => !isBusy).toSorted((a, b) => b.idleSinceMs - a.idleSinceMs)[0];
  }

  #usable(): readonly FunctionWorker[] {
    for (const worker of this.#workers) if (!worker.isUsable) this.#workers.delete(worker);
    return [...this.#workers];
  }

  #endIdleWorkers(): void {
    for (const worker of idleTooLong(this.#usable(), performance.now())) void worker.end();
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
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #start(): FunctionWorker {
    const worker = new FunctionWorker(this.#function, {
      isolation: this.#isolation,
      environment: { ...this.#environment, AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}` },
      log: this.#log,
    });
    this.#workers.add(worker);
    this.#starting++;
    worker.loaded.then(() => {
      this.#starting--;
      this.#waiting.shift()?.();
    });
    this.#timer ??= setInterval(() => this.#endIdleWorkers(), CHECK_MS).unref();
    return worker;
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
