import { Synthesizer } from '../../../../local/template/synthesize.ts';
import type { Project } from '../project.ts';
import { AssemblyCache } from './assembly-cache.ts';
import { newAssemblyDirectory } from './assembly-directories.ts';
import { fingerprint } from './fingerprint.ts';

export interface Assembly {
  /** Read-only. */
  readonly directory: string;
  readonly fingerprint: string;
  /** Whether nothing has changed since it was synthesized. */
  readonly isCached: boolean;
}

export interface AppAssembliesOptions {
  readonly project: Pick<Project, 'directory' | 'workFolder' | 'cache'>;
  /** The command line that runs the app. @default that of the project's cdk.json */
  readonly app?: string;
  /** Wins over the context of cdk.json. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly isUnrelated: (path: string) => boolean;
}

/** The assemblies of a project's CDK app. They are synthesized after a change, and otherwise taken from the cache. */
export class AppAssemblies implements Disposable {
  readonly #options: AppAssembliesOptions;
  readonly #synthesizer: Synthesizer;
  readonly #cache: AssemblyCache;

  constructor(options: AppAssembliesOptions) {
    this.#options = options;
    this.#synthesizer = new Synthesizer(options.project.directory, options.project.cache, options.app);
    this.#cache = new AssemblyCache(options.project.cache);
  }

  /** @returns `undefined` when the app must be synthesized */
  async cached(): Promise<Assembly | undefined> {
    const current = await this.#fingerprint();
    const directory = await this.#cache.find(current);
    return directory === undefined ? undefined : { directory, fingerprint: current, isCached: true };
  }

  /** @throws SynthesisError; the signal's reason when it aborts */
  async synthesize(signal: AbortSignal): Promise<Assembly> {
    const { project, context } = this.#options;
    // Taken before the app reads its files, so that a file saved during the synthesis counts as a change.
    const current = await this.#fingerprint();
    const directory = newAssemblyDirectory(project.workFolder);
    await this.#synthesizer.synthesize({ context, outputDirectory: directory, signal });
    return { directory, fingerprint: current, isCached: false };
  }

  /** Keeps an assembly that was deployed, for the next start. */
  async keep({ directory, fingerprint: of, isCached }: Assembly): Promise<void> {
    if (!isCached) await this.#cache.keep(of, directory);
  }

  /** Loads the app's packages ahead of the next synthesis. */
  prepare(): Promise<void> {
    return this.#synthesizer.prepare();
  }

  filesElsewhere(): Promise<readonly string[]> {
    return this.#synthesizer.filesElsewhere();
  }

  /** Discards the prepared process after an installation: it has loaded the old packages. */
  forgetPackages(): void {
    this.#synthesizer.dispose();
  }

  [Symbol.dispose](): void {
    this.#synthesizer.dispose();
  }

  async #fingerprint(): Promise<string> {
    const { project, context, isUnrelated } = this.#options;
    const filesElsewhere = await this.filesElsewhere();
    return fingerprint({ directory: project.directory, isUnrelated, filesElsewhere, context, environment: process.env });
  }
}
