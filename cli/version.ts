import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import * as z from 'zod/mini';

const manifestSchema = z.object({ version: z.string() });

/** The version of this package. It reads the package's own package.json, which lies at another depth below `dist/` than in the repository. */
export function packageVersion(): string {
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) throw new Error(`no package.json above ${import.meta.url}: install posthorn again`);
  return manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8'))).version;
}
