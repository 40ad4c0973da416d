import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../../cli-error.ts';

/** A file to write, its path relative to the project's folder, with slashes. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes all of the files, or none: it never overwrites a file.
 *
 * @throws CliError that names the files that exist already, or one that cannot be written
 */
export async function writeFiles(folder: string, files: readonly NewFile[]): Promise<void> {
  const existing = files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)));
  if (existing.length > 0) {
    throw new CliError(`${existing.join(', ')} ${existing.length === 1 ? 'exists' : 'exist'} already in ${folder}; nothing was written`, {
      remedy: 'Choose another name or folder, or move the file away.',
    });
  }
  for (const { path, text } of files) {
    const file = join(folder, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      // `wx` refuses a file that appeared meanwhile.
      await writeFile(file, text, { flag: 'wx' });
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause)) throw cause;
      throw new CliError(`${file} cannot be written (${cause.code})`, { cause, remedy: 'Choose another folder, or give permission.' });
    }
  }
}
