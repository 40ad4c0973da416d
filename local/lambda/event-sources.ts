import type { MappingSwitches } from '../services/mapping-switches.ts';
import type { DeployedMapping } from '../template/deployed.ts';
import { IN_ORDER, type QueueBehaviour } from './disorder.ts';
import { EventSource, type InvocationEvent, type MappingState, type MessageSource } from './event-source.ts';
import type { FunctionPool } from './function-pool.ts';
import { mappingUuid } from './mapping-uuid.ts';

/** An event source mapping, as Lambda's API knows it. */
export interface MappingStatus {
  readonly uuid: string;
  readonly mapping: DeployedMapping;
  readonly state: MappingState;
  readonly modifiedEpochMs: number;
}

export interface EventSourcesOptions {
  readonly region: string;
  readonly source: MessageSource;
  readonly switches: MappingSwitches;
  /** The disorder of standard queues. */
  readonly behaviour: QueueBehaviour;
  onInvocation(event: InvocationEvent): void;
  onError(functionName: string, error: unknown): void;
}

interface Running {
  readonly source: EventSource;
  modifiedEpochMs: number;
}

/** The event source mappings of all deployments. */
export class EventSources {
  readonly #options: EventSourcesOptions;
  readonly #byUuid = new Map<string, Running>();

  constructor(options: EventSourcesOptions) {
    this.#options = options;
  }

  /** In the order of their UUIDs. */
  list(): readonly MappingStatus[] {
    return [...this.#byUuid.keys()].sort().flatMap((uuid) => this.get(uuid) ?? []);
  }

  get(uuid: string): MappingStatus | undefined {
    const running = this.#byUuid.get(uuid);
    if (running === undefined) return undefined;
    const { source, modifiedEpochMs } = running;
    return { uuid, mapping: source.mapping, state: source.state, modifiedEpochMs };
  }

  /** Switches a mapping for the API. @returns `undefined` if there is none @throws EmbeddedCloudError if it cannot be kept */
  enable(uuid: string, isEnabled: boolean): MappingStatus | undefined {
    const running = this.#byUuid.get(uuid);
    if (running === undefined) return undefined;
    this.#options.switches.set(uuid, running.source.mapping.enabled, isEnabled);
    running.source.enable(isEnabled);
    running.modifiedEpochMs = Date.now();
    return this.get(uuid);
  }

  start(mapping: DeployedMapping, pool: FunctionPool): void {
    const { region, source, switches, behaviour, onInvocation, onError } = this.#options;
    const uuid = mappingUuid(mapping);
    const started = new EventSource(mapping, switches.isEnabled(uuid, mapping.enabled), source, pool, {
      region,
      behaviour: mapping.queueName.endsWith('.fifo') ? IN_ORDER : behaviour,
      onInvocation,
      onError: (error) => onError(mapping.function.name, error),
    });
    this.#byUuid.set(uuid, { source: started, modifiedEpochMs: Date.now() });
    started.start();
  }

  /** Brings a mapping in line with its template. What the API has switched stays until the template's `Enabled` changes. */
  change(mapping: DeployedMapping, pool: FunctionPool): void {
    const uuid = mappingUuid(mapping);
    const running = this.#byUuid.get(uuid);
    if (running === undefined) return;
    const isSwitched = running.source.mapping.enabled !== mapping.enabled;
    running.source.change(mapping, pool);
    running.modifiedEpochMs = Date.now();
    if (!isSwitched) return;
    running.source.enable(mapping.enabled);
    this.#options.switches.delete(uuid);
  }

  /** Ends a mapping that is no longer deployed. Resolves when all received messages are handled. */
  async remove(mapping: DeployedMapping): Promise<void> {
    const uuid = mappingUuid(mapping);
    const running = this.#byUuid.get(uuid);
    this.#byUuid.delete(uuid);
    this.#options.switches.delete(uuid);
    await running?.source.stop();
  }

  /** Stops receiving. Resolves when all received messages are handled. */
  async stop(): Promise<void> {
    await Promise.all([...this.#byUuid.values()].map(({ source }) => source.stop()));
  }
}
