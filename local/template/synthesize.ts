import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SynthesisError } from '../errors.ts';
import { readableStderr } from './readable-stderr.ts';

const configurationSchema = z.object({ context: z.record(z.string(), z.unknown()).default({}) });

export interface SynthesizeOptions {
  /** Given to the app as the context value `stage`. */
  readonly stage: string;
  /** Further context values; they win over those of cdk.json. @default none */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where the assembly goes. */
  readonly outputDirectory: string;
  /** The folder that has cdk.json. @default the working directory */
  readonly projectDirectory?: string;
  /** The CDK app. @default infra/app.ts */
  readonly app?: string;
  /** Ends the app, and `synthesize` with the signal's reason. @default never */
  readonly signal?: AbortSignal;
}

/**
 * Synthesizes the CDK app as the CDK CLI does, on this Node, without starting the CLI.
 *
 * @throws SynthesisError with what the app wrote to stderr
 * @throws the signal's reason when that aborts; the app has ended then
 * @example await synthesize({ stage: 'dev', outputDirectory: 'cdk.out' })
 * @see https://github.com/aws/aws-cdk/blob/main/design/cloud-assembly.md
 */
export async function synthesize(options: SynthesizeOptions): Promise<void> {
  const directory = resolve(options.projectDirectory ?? '.');
  const context = { ...(await configuredContext(directory)), ...options.context, stage: options.stage };
  const app = options.app ?? join('infra', 'app.ts');
  const child = spawn(process.execPath, [...process.execArgv, app], {
    cwd: directory,
    env: { ...process.env, CDK_OUTDIR: resolve(options.outputDirectory), CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(options.signal !== undefined && { signal: options.signal }),
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = await new Promise<string | number>((done, reject) => {
    child.once(
      'error',
      (cause) => options.signal?.aborted || reject(new SynthesisError(`${app} could not be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code, signal) => done(signal ?? code ?? 0));
  });
  options.signal?.throwIfAborted();
  if (ended !== 0) throw new SynthesisError(`${app} ended with ${ended}:\n${readableStderr(errors, directory)}`);
}

async function configuredContext(directory: string): Promise<Record<string, unknown>> {
  const file = join(directory, 'cdk.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw new SynthesisError(`${file} cannot be read`, { cause });
  }
  try {
    return configurationSchema.parse(JSON.parse(text)).context;
  } catch (cause) {
    throw new SynthesisError(`${file} is not a CDK configuration`, { cause });
  }
}
