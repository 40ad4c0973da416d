import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

const versions = z._default(z.record(z.string(), z.string()), {});
const manifestSchema = z.object({ version: z.string(), dependencies: versions, devDependencies: versions });

/** The folder of this package. Code lies at another depth below it in `dist/` than in the repository. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error(`no package.json above ${import.meta.dirname}: install posthorn again`);
    folder = dirname(folder);
  }
  return folder;
}

/** This package's own package.json. */
export const packageManifest = () => manifestSchema.parse(JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')));
