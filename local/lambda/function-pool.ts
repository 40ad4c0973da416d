import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import type { DeployedFunction } from '../template/deployed.ts';
import type { Place } from '../template/resource-types.ts';
import { FunctionWorker, type InvocationResult, type LogLine } from './function-worker.ts';
import type { Isolation } from './isolate.ts';

/** A worker as an observer sees it. */
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

/** The warm workers of one version of a function. Starts one when all are busy; how many there may be is decided by who invokes. */
export class FunctionPool {
  readonly #function: DeployedFunction;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #isolation: Isolation;
  readonly #log: (line: LogLine) => void;
  readonly #workers = new Set<FunctionWorker>();
  readonly #invocations = new Set<Promise<unknown>>();
  #state: 'open' | 'retired' | 'ended' = 'open';

  constructor(deployed: DeployedFunction, options: { readonly place: Place; readonly isolation: Isolation; log(line: LogLine): void }) {
    this.#function = deployed;
    this.#environment = functionEnvironment(deployed, options.place);
    this.#isolation = options.isolation;
    this.#log = options.log;
  }

  /** Never rejects: an error of the function is a result. */
  async invoke(event: string, requestId: string): Promise<Invoked> {
    if (this.#state === 'ended') return { result: { kind: 'crashed', error: 'was ended' }, isColdStart: true };
    const invocation = this.#invoke(event, requestId);
    this.#invocations.add(invocation);
    try {
      return await invocation;
    } finally {
      this.#invocations.delete(invocation);
    }
  }

  async #invoke(event: string, requestId: string): Promise<Invoked> {
    for (const worker of this.#workers) if (!worker.isUsable) this.#workers.delete(worker);
    const warm = [...this.#workers].find((worker) => !worker.isBusy);
    const worker = warm ?? this.#start();
    const result = await worker.invoke(event, requestId);
    if (this.#state === 'retired') await worker.end();
    return { result, isColdStart: warm === undefined };
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

  /** Ends every worker, busy or not, and starts no more. */
  async end(): Promise<void> {
    this.#state = 'ended';
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #start(): FunctionWorker {
    const worker = new FunctionWorker(this.#function, {
      isolation: this.#isolation,
      environment: { ...this.#environment, AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}` },
      log: this.#log,
    });
    this.#workers.add(worker);
    return worker;
  }
}

/**
 * What Lambda sets, with an endpoint and keys that reach this machine only: nothing of the developer's own AWS configuration gets
 * into a function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
function functionEnvironment(deployed: DeployedFunction, place: Place): Readonly<Record<string, string>> {
  const { logging } = deployed;
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
    ...deployed.environment,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ENDPOINT_URL: place.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: deployed.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: logging.format,
    ...(logging.format === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: logging.level }),
    AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
    LAMBDA_TASK_ROOT: deployed.codeDirectory,
    _HANDLER: deployed.handler,
  };
}
