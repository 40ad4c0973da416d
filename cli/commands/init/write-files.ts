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
 * @throws CliError that names the files that exist already
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
    await mkdir(dirname(file), { recursive: true });
    // `wx` refuses a file that appeared meanwhile.
    await writeFile(file, text, { flag: 'wx' });
  }
}
