import { EmbeddedCloudError } from '../errors.ts';
import type { Identities } from '../services/identities.ts';
import type { MappingSwitches } from '../services/mapping-switches.ts';
import type { DeployedFunction, DeployedMapping } from '../template/deployed.ts';
import type { DeploymentChanges } from '../template/deployment-changes.ts';
import type { Place } from '../template/resource-types.ts';
import { type AsyncInvocation, AsyncInvocations } from './async-invocations.ts';
import type { CodeStore } from './code-store.ts';
import type { QueueBehaviour } from './disorder.ts';
import type { InvocationEvent, MessageSource } from './event-source.ts';
import { EventSources } from './event-sources.ts';
import { FunctionPool, type WorkerStatus } from './function-pool.ts';
import type { LogLine } from './function-worker.ts';
import type { Handler } from './invoke-handler.ts';
import type { Isolation } from './start-isolate.ts';
import { type SyncInvocation, SyncInvocations } from './sync-invocations.ts';

export interface RunningFunctionsOptions {
  readonly place: Place;
  readonly source: MessageSource;
  readonly switches: MappingSwitches;
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

/** Runs the deployed functions that queues, rules and APIs feed. */
export class RunningFunctions {
  readonly #options: RunningFunctionsOptions;
  /** By ARN. */
  readonly #versions = new Map<string, Version>();
  /** The event source mappings. */
  readonly sources: EventSources;
  readonly #asyncInvocations: AsyncInvocations;
  readonly #syncInvocations: SyncInvocations;
  /** The ends of versions and mappings that are no longer deployed. */
  readonly #ending = new Map<Promise<void>, FunctionPool | undefined>();

  constructor(options: RunningFunctionsOptions) {
    this.#options = options;
    const { place, source, switches, behaviour } = options;
    const invocations = {
      pool: (arn: string) => this.#versions.get(arn)?.pool,
      log: (line: LogLine) => options.log(line),
      onInvocation: (event: InvocationEvent) => options.onInvocation(event),
    };
    this.#asyncInvocations = new AsyncInvocations(invocations);
    this.#syncInvocations = new SyncInvocations(invocations);
    this.sources = new EventSources({
      ...{ region: place.region, source, switches, behaviour },
      onInvocation: (event) => options.onInvocation(event),
      onError: (functionName, error) => this.#logFailure(functionName, error),
    });
  }

  has(functionArn: string): boolean {
    return this.#versions.has(functionArn);
  }

  /** Invokes the current version of a function, and waits for its end. @returns `undefined` if it is not deployed */
  invoke(functionName: string, functionArn: string, event: string): Promise<SyncInvocation | undefined> {
    return this.#syncInvocations.invoke(functionName, functionArn, event);
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
    const invocations = [this.#asyncInvocations.stop(), this.#syncInvocations.stop()];
    const handled = Promise.all([...invocations, this.sources.stop(), ...this.#ending.keys()]);
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
    for (const mapping of mappings.updated) this.sources.change(mapping, this.#poolOf(mapping));
    const drained = Promise.all(mappings.removed.map((mapping) => this.sources.remove(mapping)));
    this.#track(drained);
    for (const { pool, codeKey } of replaced) {
      this.#track(
        drained.then(() => pool.retire()).then(() => this.#options.code.release(codeKey)),
        pool,
      );
    }
    for (const mapping of mappings.created) this.sources.start(mapping, this.#poolOf(mapping));
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
