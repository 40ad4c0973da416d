import { EmbeddedCloudError } from '../errors.ts';
import type { Identities } from '../services/identities.ts';
import type { DeployedFunction, DeployedMapping } from '../template/deployed.ts';
import { type DeploymentChanges, mappingIdentity } from '../template/deployment-changes.ts';
import type { Place } from '../template/resource-types.ts';
import { type AsyncInvocation, AsyncInvocations } from './async-invocations.ts';
import type { CodeStore } from './code-store.ts';
import { IN_ORDER, type QueueBehaviour } from './disorder.ts';
import { EventSource, type InvocationEvent, type MessageSource } from './event-source.ts';
import { FunctionPool, type WorkerStatus } from './function-pool.ts';
import type { LogLine } from './function-worker.ts';
import type { Handler } from './invoke-handler.ts';
import type { Isolation } from './start-isolate.ts';

export interface RunningFunctionsOptions {
  readonly place: Place;
  readonly source: MessageSource;
  readonly identities: Identities;
  readonly code: CodeStore;
  readonly isolation: Isolation;
  /** By function name: handlers that run in this process. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** The disorder of standard queues. */
  readonly behaviour: QueueBehaviour;
  log(line: LogLine): void;
  onInvocation(event: InvocationEvent): void;
}

/** A version of a function. */
interface Version {
  readonly pool: FunctionPool;
  readonly codeKey: string;
}

/** Runs the deployed functions that queues and rules feed. */
export class RunningFunctions {
  readonly #options: RunningFunctionsOptions;
  /** By ARN. */
  readonly #versions = new Map<string, Version>();
  readonly #sources = new Map<string, EventSource>();
  readonly #asyncInvocations: AsyncInvocations;
  /** The ends of versions and mappings that are no longer deployed. */
  readonly #ending = new Map<Promise<void>, FunctionPool | undefined>();

  constructor(options: RunningFunctionsOptions) {
    this.#options = options;
    this.#asyncInvocations = new AsyncInvocations({
      pool: (arn) => this.#versions.get(arn)?.pool,
      log: (line) => options.log(line),
      onInvocation: (event) => options.onInvocation(event),
    });
  }

  /** Invokes the version of a function that is current when a worker takes the event. */
  invokeAsync(invocation: AsyncInvocation): void {
    this.#asyncInvocations.add(invocation);
  }

  /**
   * Applies a deployment: later invocations run the new code, current ones end on the old code.
   *
   * @throws Error if code cannot be read or copied; then nothing has changed
   */
  async bringInLine(changes: DeploymentChanges): Promise<void> {
    const { created, updated } = changes.functions;
    const copied: DeployedFunction[] = [];
    try {
      for (const deployed of [...created, ...updated]) {
        copied.push({ ...deployed, codeDirectory: await this.#options.code.acquire(deployed.codeKey, deployed.codeDirectory) });
      }
    } catch (error) {
      for (const { codeKey } of copied) await this.#options.code.release(codeKey);
      throw error;
    }
    this.#apply(changes, copied);
  }

  statuses(): readonly WorkerStatus[] {
    return this.#pools().flatMap((pool) => pool.statuses());
  }

  /** Stops receiving, waits for the current invocations, and ends them when the time is over. */
  async stop(graceSeconds: number): Promise<void> {
    const sources = [...this.#sources.values()].map((source) => source.stop());
    const handled = Promise.all([this.#asyncInvocations.stop(), ...sources, ...this.#ending.keys()]);
    const graceOver = Promise.withResolvers<void>();
    const timer = setTimeout(graceOver.resolve, graceSeconds * 1000);
    await Promise.race([handled, graceOver.promise]);
    clearTimeout(timer);
    await Promise.all(this.#pools().map((pool) => pool.end()));
    await handled;
  }

  #pools(): readonly FunctionPool[] {
    return [...[...this.#versions.values()].map(({ pool }) => pool), ...this.#ending.values()].filter((pool) => pool !== undefined);
  }

  #apply({ functions, mappings }: DeploymentChanges, copied: readonly DeployedFunction[]): void {
    const { place, identities, isolation, handlers, log } = this.#options;
    const replaced = [...functions.updated, ...functions.removed].flatMap(({ arn }) => this.#versions.get(arn) ?? []);
    for (const { arn } of functions.removed) this.#versions.delete(arn);
    for (const deployed of copied) {
      this.#versions.set(deployed.arn, {
        codeKey: deployed.codeKey,
        pool: new FunctionPool(deployed, {
          place,
          credentials: identities.ofFunction(deployed),
          isolation: handlers.get(deployed.name) ?? isolation,
          log,
        }),
      });
    }
    for (const mapping of mappings.updated) this.#sources.get(mappingIdentity(mapping))?.change(mapping, this.#poolOf(mapping));
    const drained = Promise.all(mappings.removed.map((mapping) => this.#stop(mapping)));
    this.#track(drained);
    for (const { pool, codeKey } of replaced) {
      this.#track(
        drained.then(() => pool.retire()).then(() => this.#options.code.release(codeKey)),
        pool,
      );
    }
    for (const mapping of mappings.created) this.#start(mapping);
  }

  #start(mapping: DeployedMapping): void {
    const { place, source, behaviour, onInvocation } = this.#options;
    const eventSource = new EventSource(mapping, source, this.#poolOf(mapping), {
      region: place.region,
      behaviour: mapping.queueName.endsWith('.fifo') ? IN_ORDER : behaviour,
      onInvocation,
      onError: (error) => this.#logFailure(mapping.function.name, error),
    });
    this.#sources.set(mappingIdentity(mapping), eventSource);
    eventSource.start();
  }

  async #stop(mapping: DeployedMapping): Promise<void> {
    const id = mappingIdentity(mapping);
    const source = this.#sources.get(id);
    this.#sources.delete(id);
    await source?.stop();
  }

  #poolOf({ function: { name, arn } }: DeployedMapping): FunctionPool {
    const version = this.#versions.get(arn);
    if (version === undefined) throw new Error(`${name} has a mapping but no running version`);
    return version.pool;
  }

  #track(work: Promise<unknown>, pool?: FunctionPool): void {
    const ending: Promise<void> = work
      .then(() => undefined)
      .catch((error: unknown) => this.#logFailure('-', error))
      .finally(() => this.#ending.delete(ending));
    this.#ending.set(ending, pool);
  }

  #logFailure(functionName: string, error: unknown): void {
    const text =
      error instanceof EmbeddedCloudError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log({ functionName, stream: 'platform', text: `The embedded cloud failed: ${text}` });
  }
}
