import { dirname } from 'node:path';
import { z } from 'zod';
import { DataDirectoryDamagedError } from '../errors.ts';
import { PARAMETER_TYPES } from './parameter-limits.ts';
import { readFileIfThere, replaceFile } from './small-files.ts';

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
  const text = readFileIfThere(file);
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).parameters;
  } catch (error) {
    throw new DataDirectoryDamagedError(dirname(file), `${file} cannot be read`, error);
  }
}

export function writeParameters(file: string, parameters: readonly Parameter[]): void {
  replaceFile(file, JSON.stringify({ parameters }));
}
