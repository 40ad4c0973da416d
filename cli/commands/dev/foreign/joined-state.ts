import { rm } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MeshName, meshPrefix } from '../../../../events/names.ts';
import type { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import { EmbeddedCloudError, StackConflictError } from '../../../../local/errors.ts';
import { writeAssembly } from '../../../../local/template/write-assembly.ts';
import { CliError } from '../../../cli-error.ts';
import { AppAssemblies, type Assembly } from '../assembly/app-assemblies.ts';
import { newAssemblyDirectory } from '../assembly/assembly-directories.ts';
import type { Project } from '../project.ts';

const OWNER = 'mesh';

/** The folder of the package's code. */
const CODE = fileURLToPath(new URL('../../../../', import.meta.url));

/** Run, and never imported: only a project that has a CDK app has the CDK. The sources are TypeScript, the package is JavaScript. */
const STATE_APP = `node infra/state-app${extname(import.meta.url)}`;

/** The files that determine the state stack. */
const isOfState = (path: string) => /^(infra|events|functions\/services)\b/.test(relative(CODE, path));

export interface JoinedStateOptions {
  readonly project: Pick<Project, 'workFolder' | 'cache'>;
  readonly signal: AbortSignal;
}

/** The state of the meshes that a project joins: on AWS another repository deploys it. Synthesized once, then taken from the cache. */
export class JoinedState {
  readonly #options: JoinedStateOptions;
  #meshes: readonly MeshName[] = [];

  constructor(options: JoinedStateOptions) {
    this.#options = options;
  }

  get meshes(): readonly MeshName[] {
    return this.#meshes;
  }

  /**
   * Deploys the state of these meshes, and removes that of all others. Tables, queues and buckets of removed meshes stay.
   *
   * @throws SynthesisError; CliError when the project itself owned one of them until now; the signal's reason when that aborts
   */
  async deploy(cloud: EmbeddedCloud, meshes: readonly MeshName[]): Promise<void> {
    const names = (list: readonly MeshName[]) => list.map(meshPrefix).join();
    if (names(meshes) === names(this.#meshes)) return;
    try {
      if (meshes.length === 0) await this.#deployNothing(cloud);
      else await this.#deployState(cloud, meshes);
    } catch (cause) {
      if (!(cause instanceof StackConflictError)) throw cause;
      throw new CliError(`The app joins mesh ${names(meshes)}, which it has owned until now: start posthorn dev again`, { cause });
    }
    this.#meshes = meshes;
  }

  async #deployState(cloud: EmbeddedCloud, meshes: readonly MeshName[]): Promise<void> {
    const { project, signal } = this.#options;
    const assemblies = new AppAssemblies({
      project: { directory: CODE, workFolder: project.workFolder, cache: join(project.cache, 'state') },
      app: STATE_APP,
      context: { meshes },
      isUnrelated: (path) => !isOfState(path),
    });
    const deploy = async (assembly: Assembly) => {
      await cloud.deploy({ assemblyDirectory: assembly.directory, owner: OWNER });
      await assemblies.keep(assembly);
    };
    try {
      const cached = await assemblies.cached();
      if (cached !== undefined) {
        try {
          return await deploy(cached);
        } catch (error) {
          if (error instanceof EmbeddedCloudError) throw error;
          // It is damaged.
          await rm(cached.directory, { recursive: true, force: true });
        }
      }
      await deploy(await assemblies.synthesize(signal));
    } finally {
      assemblies[Symbol.dispose]();
    }
  }

  async #deployNothing(cloud: EmbeddedCloud): Promise<void> {
    const assemblyDirectory = newAssemblyDirectory(this.#options.project.workFolder);
    try {
      await writeAssembly(assemblyDirectory, {});
      await cloud.deploy({ assemblyDirectory, owner: OWNER });
    } finally {
      await rm(assemblyDirectory, { recursive: true, force: true });
    }
  }
}
