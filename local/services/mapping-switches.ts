import { dirname } from 'node:path';
import { z } from 'zod';
import { DataDirectoryDamagedError } from '../errors.ts';
import type { DataHealth } from './data-health.ts';
import { readFileIfThere, replaceFile } from './small-files.ts';

const switchSchema = z.object({
  /** The mapping's UUID. */
  uuid: z.string(),
  /** What the template said when the API switched it. */
  template: z.boolean(),
  enabled: z.boolean(),
});
const fileSchema = z.object({ mappings: z.array(switchSchema) });

type MappingSwitch = z.output<typeof switchSchema>;

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
      if (file !== undefined) replaceFile(file, JSON.stringify({ mappings: [...switches.values()] }));
    } catch (error) {
      health.report(error);
      throw health.failure ?? error;
    }
    this.#byUuid = switches;
  }
}

/** @throws DataDirectoryDamagedError */
export function readMappingSwitches(file: string): readonly MappingSwitch[] {
  const text = readFileIfThere(file);
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).mappings;
  } catch (error) {
    throw new DataDirectoryDamagedError(dirname(file), `${file} cannot be read`, error);
  }
}
