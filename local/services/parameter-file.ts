import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DataDirectoryDamagedError } from '../errors.ts';
import { PARAMETER_TYPES } from './parameter-limits.ts';

const parameterSchema = z.object({
  name: z.string(),
  type: z.enum(PARAMETER_TYPES),
  value: z.string(),
  tier: z.enum(['Standard', 'Advanced']),
  description: z.string().optional(),
  version: z.number(),
  modifiedEpochMs: z.number(),
  /** The template's properties, if a deployment has created it. */
  template: z.string().optional(),
  /** Whether the API wrote it last. Only these are kept: a deployment brings back its own. */
  isFromApi: z.boolean(),
});
const fileSchema = z.object({ parameters: z.array(parameterSchema) });

export type Parameter = z.output<typeof parameterSchema>;

/** @throws DataDirectoryDamagedError */
export function readParameters(file: string): readonly Parameter[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).parameters;
  } catch (error) {
    throw new DataDirectoryDamagedError(dirname(file), `${file} cannot be read`, error);
  }
}

/** A process that is killed meanwhile leaves the old file or the new one. */
export function writeParameters(file: string, parameters: readonly Parameter[]): void {
  writeFileSync(`${file}.new`, JSON.stringify({ parameters }));
  renameSync(`${file}.new`, file);
}
