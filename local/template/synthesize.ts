import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { SynthesisError } from '../errors.ts';
import { endAppProcess, isPlainNode, startAppProcess } from './app-process.ts';
import { type CdkConfiguration, readCdkConfiguration } from './cdk-configuration.ts';
import { readableStderr } from './readable-stderr.ts';

export interface SynthesizeOptions {
  /** Context values; they win over those of cdk.json. @default none */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where the assembly goes. */
  readonly outputDirectory: string;
  /** Ends the app, and `synthesize` with the signal's reason. @default never */
  readonly signal?: AbortSignal;
}

const listSchema = z.object({ files: z.array(z.string()) });

/** Instead of an environment: the process waits for it. */
const WAITING = Symbol('waiting');

/** The sources are TypeScript, the package is JavaScript. */
const WAIT_FOR_START = new URL(`./wait-for-start${extname(import.meta.url)}`, import.meta.url).href;

interface AppProcess {
  readonly app: string;
  readonly child: ChildProcess;
  /** Everything that it has written to stderr so far. */
  readonly stderr: () => string;
  /** Its exit code or the signal that ended it; rejects when it could not be started. */
  readonly ended: Promise<string | number>;
}

/**
 * Synthesizes a project's CDK app as the CDK CLI does, on this Node and without the CLI, as often as asked. A process that has the app's
 * packages loaded can wait for the next time ({@link Synthesizer.prepare}).
 *
 * The CDK's built-in template rules are left to `cdk synth`: they change no template and take twice as long as all the rest.
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
   * @throws NoCdkAppError, SynthesisError with what the app wrote to stderr
   * @throws the signal's reason when that aborts; the app has ended then
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

  /** Files outside the project, packages aside, that the app loaded the last time it was synthesized. */
  async filesElsewhere(): Promise<readonly string[]> {
    const list = listSchema.safeParse(
      await readFile(this.#packageList, 'utf8')
        .then(JSON.parse)
        .catch(() => undefined),
    );
    return (list.data?.files ?? []).filter((file) => relative(this.#directory, file).startsWith('..'));
  }

  /** Starts the process of the next synthesis, which then waits. Without it the next synthesis starts its own. */
  async prepare(): Promise<void> {
    const { app } = await this.#configuration();
    if (this.#waiting === undefined && isPlainNode(app)) this.#waiting = await this.#start(app, WAITING);
  }

  /** Ends the waiting process: what it has loaded is no longer what is installed, or nothing is to be synthesized any more. */
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
    // A waiting process may fail before anybody asks it.
    ended.catch(() => undefined);
    return { app, child, stderr: () => errors, ended };
  }
}
