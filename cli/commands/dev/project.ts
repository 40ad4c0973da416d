import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as z from 'zod/mini';
import { DEFAULT_PREFIX, DEFAULT_STAGE, type MeshName, meshName } from '../../../events/names.ts';
import { NoCdkAppError } from '../../../local/errors.ts';
import { type CdkConfiguration, readCdkConfiguration } from '../../../local/template/cdk-configuration.ts';
import { CliError } from '../../cli-error.ts';
import { DOUBLES_FOLDER } from './foreign/double-file.ts';

/** The folder of a project's agents. */
export const AGENTS_FOLDER = join('functions', 'agents');

const nameSchema = z.object({
  prefix: z._default(z.string(), DEFAULT_PREFIX),
  stage: z._default(z.string(), DEFAULT_STAGE),
});

/** The folder that `posthorn dev` was started in. */
export interface Project {
  readonly directory: string;
  readonly configuration: CdkConfiguration;
  /** `events/samples`; it need not exist. */
  readonly samples: string;
  /** `.posthorn`: logs and caches. */
  readonly workFolder: string;
  /** `.posthorn/cache` may be deleted at any time. */
  readonly cache: string;
}

/** @throws CliError when the folder has no CDK app; SynthesisError when its cdk.json is not valid */
export async function openProject(directory: string): Promise<Project> {
  const workFolder = join(directory, '.posthorn');
  try {
    const configuration = await readCdkConfiguration(directory);
    return { directory, configuration, samples: join(directory, 'events', 'samples'), workFolder, cache: join(workFolder, 'cache') };
  } catch (cause) {
    if (!(cause instanceof NoCdkAppError)) throw cause;
    throw new CliError(cause.message, {
      cause,
      remedy: "Run it in the folder of a project with a CDK app, or create one with 'npx posthorn init my-mesh'.",
    });
  }
}

/**
 * The mesh of a project: prefix and stage of the command line, otherwise of the context in cdk.json, otherwise the defaults.
 *
 * @throws CliError when the context has one that is not valid
 */
export function meshNameOf({ configuration: { context } }: Project, { prefix, stage }: Partial<MeshName>): MeshName {
  try {
    return meshName(z.parse(nameSchema, { prefix: prefix ?? context.prefix, stage: stage ?? context.stage }));
  } catch (cause) {
    if (cause instanceof RangeError) throw new CliError(`cdk.json: context: ${cause.message}`, { cause });
    if (cause instanceof z.core.$ZodError) throw new CliError('cdk.json: context: prefix and stage must be strings', { cause });
    throw cause;
  }
}

/** Creates `.posthorn` with a .gitignore that excludes all of it. */
export async function makeWorkFolder({ workFolder, cache }: Project): Promise<void> {
  await mkdir(cache, { recursive: true });
  await writeFile(join(workFolder, '.gitignore'), '*\n');
}

const GENERATED = new Set(['node_modules', 'dist', 'coverage']);

/**
 * Whether the app does not depend on a file or folder of the project: packages, generated folders, hidden folders, logs, answers of
 * doubles, which are read when they are needed, and the temporary files of editors.
 *
 * @param dataDirectory the directory of `--data`, which may lie in the project
 */
export function isUnrelated({ directory, configuration }: Project, path: string, dataDirectory: string | undefined): boolean {
  const parts = relative(directory, path).split(sep);
  const [first = ''] = parts;
  if (first === '' || first === '..') return false;
  if (path === dataDirectory || first === configuration.output || first.startsWith('cdk.out')) return true;
  if (first === DOUBLES_FOLDER && parts.length === 2 && path.endsWith('.json')) return true;
  const name = parts.at(-1) ?? '';
  return (
    parts.some((part) => GENERATED.has(part)) ||
    parts.some((part) => part.startsWith('.') && !part.startsWith('.env')) ||
    /(~|\.sw[a-z]|\.tmp|\.log)$|^#.*#$|^4913$/.test(name)
  );
}
