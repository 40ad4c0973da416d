import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** From its sources, the package's own name means the sources. `module` is what esbuild takes by itself where there are no others. */
const conditions = extname(import.meta.url) === '.ts' ? ['module', 'posthorn-source'] : ['module'];

/** Some CommonJS dependencies call `require`, which an ES module does not have. */
const REQUIRE_BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles the function that starts with `entry` into `outputFolder`: `index.mjs`, a chunk for each part that is imported
 * lazily, and their source maps. The same sources give the same bytes, wherever the checkout lies.
 *
 * @param entry absolute path of a module that exports `handler`
 * @param outputFolder absolute path; made if it does not exist
 * @throws Error with esbuild's messages when the sources do not build
 */
export function bundleFunction(entry: string, outputFolder: string): void {
  const plain = build(entry, '');
  const { outputFiles } = callsRequire(plain.metafile) ? build(entry, REQUIRE_BANNER) : plain;
  mkdirSync(outputFolder, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(outputFolder, basename(path)), contents);
}

const build = (entry: string, banner: string) =>
  buildSync({
    entryPoints: [{ in: entry, out: 'index' }],
    // Not where the files go: a source map has paths relative to it, which must not differ between checkouts.
    outdir: join(root, 'bundle'),
    write: false,
    metafile: true,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    mainFields: ['module', 'main'],
    conditions,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'external',
    logLevel: 'warning',
  });

const callsRequire = ({ outputs }: Metafile): boolean =>
  Object.values(outputs).some(({ imports }) => imports.some(({ kind, external }) => kind === 'require-call' && external === true));
