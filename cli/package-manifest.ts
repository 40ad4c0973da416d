import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import * as z from 'zod/mini';

const versions = z._default(z.record(z.string(), z.string()), {});
const manifestSchema = z.object({ version: z.string(), dependencies: versions, devDependencies: versions });

/** This package's own package.json, which lies at another depth below `dist/` than in the repository. */
export function packageManifest() {
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) throw new Error(`no package.json above ${import.meta.url}: install posthorn again`);
  return manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
}
