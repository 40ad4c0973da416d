import { dirname } from 'node:path';
import { z } from 'zod';
import { DataDirectoryDamagedError } from '../errors.ts';
import { readFileIfThere, replaceFile } from './small-files.ts';

const switchSchema = z.object({
  /** The mapping's UUID. */
  uuid: z.string(),
  /** What the template said when the API switched it. */
  template: z.boolean(),
  enabled: z.boolean(),
});
const fileSchema = z.object({ mappings: z.array(switchSchema) });

export type MappingSwitch = z.output<typeof switchSchema>;

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

export function writeMappingSwitches(file: string, mappings: readonly MappingSwitch[]): void {
  replaceFile(file, JSON.stringify({ mappings }));
}
