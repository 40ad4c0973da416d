import type { DataHealth } from './data-health.ts';
import { type MappingSwitch, readMappingSwitches, writeMappingSwitches } from './mapping-switch-file.ts';

export interface MappingSwitchesOptions {
  /** Keeps the switches over a restart. @default none: they end with the process */
  readonly file?: string;
  readonly health: DataHealth;
}

/**
 * The event source mappings that Lambda's API has switched. A switch lasts until the template's own `Enabled` changes, because
 * CloudFormation does not notice it.
 */
export class MappingSwitches {
  readonly #options: MappingSwitchesOptions;
  #byUuid: ReadonlyMap<string, MappingSwitch>;

  /** @throws DataDirectoryDamagedError */
  constructor(options: MappingSwitchesOptions) {
    this.#options = options;
    const kept = options.file === undefined ? [] : readMappingSwitches(options.file);
    this.#byUuid = new Map(kept.map((each) => [each.uuid, each]));
  }

  /** Whether a mapping receives, whose template says this. */
  isEnabled(uuid: string, template: boolean): boolean {
    const found = this.#byUuid.get(uuid);
    return found?.template === template ? found.enabled : template;
  }

  /** @throws EmbeddedCloudError if it cannot be kept; then nothing has changed */
  set(uuid: string, template: boolean, enabled: boolean): void {
    this.#save(new Map(this.#byUuid).set(uuid, { uuid, template, enabled }));
  }

  /** @throws EmbeddedCloudError if it cannot be kept; then nothing has changed */
  delete(uuid: string): void {
    if (!this.#byUuid.has(uuid)) return;
    const rest = new Map(this.#byUuid);
    rest.delete(uuid);
    this.#save(rest);
  }

  #save(switches: ReadonlyMap<string, MappingSwitch>): void {
    const { file, health } = this.#options;
    try {
      if (file !== undefined) writeMappingSwitches(file, [...switches.values()]);
    } catch (error) {
      health.report(error);
      throw health.failure ?? error;
    }
    this.#byUuid = switches;
  }
}
