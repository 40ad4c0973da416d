import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';

/** The module that a function starts with and that exports `handler`: its absolute path, or its source and the folder that it is in. */
export type FunctionEntry = string | { readonly source: string; readonly folder: string };

/** From its sources, the package's own name means the sources. `module` is what esbuild takes by itself where there are no others. */
const CONDITIONS = extname(import.meta.filename) === '.ts' ? ['module', 'posthorn-source'] : ['module'];

/** Some CommonJS dependencies call `require`, which an ES module does not have. */
const REQUIRE_BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles the function that starts with `entry` into `outputFolder`: `index.mjs`, a chunk for each part that is imported
 * lazily, and their source maps. The same sources give the same bytes, wherever the checkout lies.
 *
 * @param outputFolder absolute path; made if it does not exist
 * @throws Error with esbuild's messages when the sources do not build, with files relative to the working directory
 */
export function bundleFunction(entry: FunctionEntry, outputFolder: string): void {
  const plain = build(entry, '');
  const { outputFiles } = callsRequire(plain.metafile) ? build(entry, REQUIRE_BANNER) : plain;
  mkdirSync(outputFolder, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(outputFolder, basename(path)), contents);
}

const build = (entry: FunctionEntry, banner: string) =>
  buildSync({
    ...inputOf(entry),
    // Not where the files go: a source map has paths relative to it, which must not differ between checkouts.
    outdir: join(process.cwd(), 'bundle'),
    entryNames: 'index',
    write: false,
    metafile: true,
    absWorkingDir: process.cwd(),
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    mainFields: ['module', 'main'],
    conditions: CONDITIONS,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'external',
    logLevel: 'warning',
  });

const inputOf = (entry: FunctionEntry): BuildOptions =>
  typeof entry === 'string'
    ? { entryPoints: [entry] }
    : { stdin: { contents: entry.source, resolveDir: entry.folder, sourcefile: join(entry.folder, 'generated-entry.ts'), loader: 'ts' } };

const callsRequire = ({ outputs }: Metafile): boolean =>
  Object.values(outputs).some(({ imports }) => imports.some(({ kind, external }) => kind === 'require-call' && external === true));
