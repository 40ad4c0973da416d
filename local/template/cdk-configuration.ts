import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NoCdkAppError, SynthesisError } from '../errors.ts';

const contextSchema = z.record(z.string(), z.unknown());
const configurationSchema = z.object({
  app: z.string().min(1).optional(),
  output: z.string().default('cdk.out'),
  context: contextSchema.default({}),
});

/** The settings that the CDK CLI takes from a project's cdk.json and cdk.context.json. */
export interface CdkConfiguration {
  /** The command line that runs the CDK app. */
  readonly app: string;
  /** The folder that `cdk synth` writes, relative to the project. */
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * Reads a project's CDK configuration.
 *
 * @throws NoCdkAppError when cdk.json is missing or has no `app`
 * @throws SynthesisError with the file's name when it cannot be read or is not a CDK configuration
 * @see https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config
 */
export async function readCdkConfiguration(projectDirectory: string): Promise<CdkConfiguration> {
  const file = join(projectDirectory, 'cdk.json');
  const own = await readJson(file, configurationSchema);
  if (own?.app === undefined) throw new NoCdkAppError(file, own !== undefined);
  const looksUp = await readJson(join(projectDirectory, 'cdk.context.json'), contextSchema);
  return { app: own.app, output: own.output, context: { ...own.context, ...looksUp } };
}

async function readJson<Output>(file: string, schema: z.ZodType<Output>): Promise<Output | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new SynthesisError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new SynthesisError(`${file} is not a CDK configuration: ${why}`, { cause });
  }
}
