import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies of functions' code, so that an assembly may be removed or overwritten while workers still load from it. A copy is made for
 * its first user and removed after its last.
 */
export class CodeStore {
  readonly #directory: string;
  readonly #copies = new Map<string, { users: number; readonly copied: Promise<void> }>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @param key names the content: the asset's object key
   * @param source the directory that has it
   * @returns the directory of the copy, which is there until as many calls of `release`
   */
  async acquire(key: string, source: string): Promise<string> {
    const directory = this.#directoryOf(key);
    const copy = this.#copies.get(key) ?? { users: 0, copied: cp(source, directory, { recursive: true, dereference: true }) };
    this.#copies.set(key, copy);
    copy.users++;
    try {
      await copy.copied;
    } catch (cause) {
      await this.release(key);
      throw new Error(`The code in ${source} could not be copied: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    return directory;
  }

  async release(key: string): Promise<void> {
    const copy = this.#copies.get(key);
    if (copy === undefined || --copy.users > 0) return;
    this.#copies.delete(key);
    await rm(this.#directoryOf(key), { recursive: true, force: true });
  }

  #directoryOf(key: string): string {
    return join(this.#directory, encodeURIComponent(key));
  }
}
