import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies of functions' code, so that an assembly may be removed or overwritten while workers still load from it. The first user creates
 * a copy, and the last one removes it.
 */
export class CodeStore {
  readonly #directory: string;
  readonly #copies = new Map<string, { users: number; readonly copied: Promise<void> }>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @param key the asset's object key, which identifies the content
   * @param source the directory of the content
   * @returns the directory of the copy, which exists until as many calls of `release`
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
