import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { EmbeddedCloudError, SynthesisError } from '../errors.ts';
import { endAppProcess, isPlainNode, startAppProcess } from './app-process.ts';
import { type CdkConfiguration, readCdkConfiguration } from './cdk-configuration.ts';
import { readableStderr } from './readable-stderr.ts';

export interface SynthesizeOptions {
  /** Context values, which override those of cdk.json. @default none */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The directory of the assembly. */
  readonly outputDirectory: string;
  /** Ends the app, and `synthesize` with the signal's reason. @default never */
  readonly signal?: AbortSignal;
}

const listSchema = z.object({ files: z.array(z.string()) });

/** In place of an environment: the process waits until it gets one. */
const WAITING = Symbol('waiting');

/** The sources are TypeScript, the published package is JavaScript. */
const WAIT_FOR_START = new URL(`./wait-for-start${extname(import.meta.url)}`, import.meta.url).href;

interface AppProcess {
  readonly app: string;
  readonly child: ChildProcess;
  /** The text that it has written to stderr so far. */
  readonly stderr: () => string;
  /** Its exit code or the signal that ended it; rejects when it could not be started. */
  readonly ended: Promise<string | number>;
}

/**
 * Synthesizes a project's CDK app repeatedly, as the CDK CLI does, but on this Node and without the CLI. A process with the app's
 * packages loaded can wait for the next synthesis ({@link Synthesizer.prepare}).
 *
 * It skips the CDK's built-in template rules, which `cdk synth` runs: they change no template and take two thirds of the time.
 *
 * @example
 * const synthesizer = new Synthesizer('.', '.posthorn/cache');
 * await synthesizer.synthesize({ outputDirectory: 'cdk.out', context: { stage: 'dev' } });
 * synthesizer.dispose();
 * @see https://github.com/aws/aws-cdk/blob/main/design/cloud-assembly.md
 */
export class Synthesizer {
  readonly #directory: string;
  readonly #packageList: string;
  readonly #app: string | undefined;
  #waiting: AppProcess | undefined;

  /**
   * @param projectDirectory the folder that has cdk.json
   * @param cacheDirectory keeps the list of packages that the app loads
   * @param app the command line that runs the app, in place of the folder's cdk.json @default that of cdk.json, with its context
   */
  constructor(projectDirectory: string, cacheDirectory: string, app?: string) {
    this.#directory = resolve(projectDirectory);
    this.#app = app;
    this.#packageList = join(resolve(cacheDirectory), 'app-packages.json');
  }

  /**
   * @throws NoCdkAppError; SynthesisError with the app's stderr
   * @throws the signal's reason when it aborts; the app has ended then
   */
  async synthesize({ context = {}, outputDirectory, signal }: SynthesizeOptions): Promise<void> {
    signal?.throwIfAborted();
    const configuration = await this.#configuration();
    const process = await this.#begin(configuration.app, {
      CDK_OUTDIR: resolve(outputDirectory),
      CDK_CONTEXT_JSON: JSON.stringify({ ...configuration.context, ...context }),
    });
    const end = () => endAppProcess(process.child);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    try {
      const ended = await process.ended;
      signal?.throwIfAborted();
      if (ended === 0) return;
      throw new SynthesisError(`${process.app} ended with ${ended}:\n${readableStderr(process.stderr(), this.#directory)}`);
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  /** Files outside the project, without packages, that the app loaded in the last synthesis. */
  async filesElsewhere(): Promise<readonly string[]> {
    // Without the list, which may be missing or another release's, nothing is known of the last synthesis.
    const list = listSchema.safeParse(
      await readFile(this.#packageList, 'utf8')
        .then(JSON.parse)
        .catch(() => undefined),
    );
    return (list.data?.files ?? []).filter((file) => relative(this.#directory, file).startsWith('..'));
  }

  /** Starts a process that waits for the next synthesis. Otherwise the next synthesis starts its own. */
  async prepare(): Promise<void> {
    // The next synthesis reports an invalid cdk.json.
    const configuration = await this.#configuration().catch((error: unknown) => {
      if (error instanceof EmbeddedCloudError) return undefined;
      throw error;
    });
    if (configuration === undefined || this.#waiting !== undefined || !isPlainNode(configuration.app)) return;
    this.#waiting = await this.#start(configuration.app, WAITING);
  }

  /** Ends the waiting process, because it has loaded outdated packages or no synthesis will follow. */
  dispose(): void {
    if (this.#waiting !== undefined) endAppProcess(this.#waiting.child);
    this.#waiting = undefined;
  }

  async #configuration(): Promise<Pick<CdkConfiguration, 'app' | 'context'>> {
    return this.#app === undefined ? await readCdkConfiguration(this.#directory) : { app: this.#app, context: {} };
  }

  async #begin(app: string, environment: Readonly<Record<string, string>>): Promise<AppProcess> {
    const waiting = this.#waiting;
    if (waiting?.app !== app || !waiting.child.connected) {
      this.dispose();
      return await this.#start(app, environment);
    }
    this.#waiting = undefined;
    waiting.child.send(environment);
    return waiting;
  }

  async #start(app: string, environment: Readonly<Record<string, string>> | typeof WAITING): Promise<AppProcess> {
    await mkdir(dirname(this.#packageList), { recursive: true });
    const child = startAppProcess(app, {
      directory: this.#directory,
      environment: {
        CDK_VALIDATION: 'false',
        CDK_APP_PACKAGES: this.#packageList,
        CDK_BUNDLE_CACHE: join(dirname(this.#packageList), 'bundles'),
        NODE_COMPILE_CACHE: getCompileCacheDir() ?? join(dirname(this.#packageList), 'compiled'),
        ...(environment !== WAITING && environment),
      },
      nodeArguments: ['--import', WAIT_FOR_START],
      waits: environment === WAITING,
    });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<string | number>((done, reject) => {
      child.once('error', (cause) => reject(new SynthesisError(`${app} could not be started: ${cause.message}`, { cause })));
      child.once('close', (code, signal) => done(signal ?? code ?? 0));
    });
    // A waiting process may fail before the next synthesis.
    ended.catch(() => undefined);
    return { app, child, stderr: () => errors, ended };
  }
}
