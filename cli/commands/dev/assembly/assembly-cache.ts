import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'assembly-';

/** The assembly of the last synthesis, kept for a start at which nothing has changed. */
export class AssemblyCache {
  readonly #folder: string;

  /** @param folder may be deleted at any time */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns the assembly's directory, read-only; `undefined` when the cache has none with this fingerprint */
  async find(fingerprint: string): Promise<string | undefined> {
    const directory = join(this.#folder, PREFIX + fingerprint);
    try {
      await access(join(directory, 'manifest.json'));
      return directory;
    } catch {
      return undefined;
    }
  }

  /** Moves an assembly into the cache and removes the others. */
  async keep(fingerprint: string, assemblyDirectory: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const names = await readdir(this.#folder);
    const stale = names.filter((name) => name.startsWith(PREFIX));
    await Promise.all(stale.map((name) => rm(join(this.#folder, name), { recursive: true, force: true })));
    await rename(assemblyDirectory, join(this.#folder, PREFIX + fingerprint));
  }
}
