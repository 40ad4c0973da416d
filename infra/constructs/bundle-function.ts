import { basename, extname, join, resolve } from 'node:path';
import { type BuildOptions, buildSync, type Metafile, version } from 'esbuild';
import { type Bundled, writeBundle, writeCachedBundle } from './bundle-cache.ts';

/** The entry module of a function, which exports `handler`: its absolute path, or its source and its folder. */
export type FunctionEntry = string | { readonly source: string; readonly folder: string };

/** In this repository the package's name resolves to its sources. `module` is esbuild's default condition, which a list replaces. */
const CONDITIONS = extname(import.meta.filename) === '.ts' ? ['module', 'posthorn-source'] : ['module'];

/** Some CommonJS dependencies call `require`, which ES modules do not have. */
const REQUIRE_BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles the function that starts with `entry` into `outputFolder`: `index.mjs`, a chunk for each lazily imported part, and their
 * source maps. The same sources give the same bytes in every checkout.
 *
 * If `CDK_BUNDLE_CACHE` names a folder, as `posthorn dev` sets it, a function is bundled again only when its sources have changed, and
 * without the minification of syntax. That minification takes two thirds of esbuild's time and only affects the size.
 *
 * @param outputFolder absolute path; created if missing
 * @throws Error with esbuild's messages when the sources fail to build, with paths relative to the working directory
 */
export function bundleFunction(entry: FunctionEntry, outputFolder: string): void {
  const cacheFolder = process.env.CDK_BUNDLE_CACHE;
  if (cacheFolder === undefined) {
    writeBundle(bundle(entry, true), outputFolder);
    return;
  }
  const key = JSON.stringify([version, process.version, CONDITIONS, entry]);
  const watched = ['package.json', 'package-lock.json', 'tsconfig.json'].map((file) => resolve(file));
  writeCachedBundle({ cacheFolder, key, watched }, outputFolder, () => bundle(entry, false));
}

function bundle(entry: FunctionEntry, minifySyntax: boolean): Bundled {
  const { outputFiles, metafile } = build(entry, minifySyntax);
  const isCommonJs = callsRequire(metafile);
  return {
    files: outputFiles.map(({ path, contents, text }) => ({
      name: basename(path),
      contents: isCommonJs ? withRequire(path, text) : contents,
    })),
    inputs: Object.keys(metafile.inputs).map((path) => resolve(path)),
  };
}

/** Each module begins with the banner on a line of its own, and its source map with a line that has no source. */
function withRequire(path: string, text: string): Uint8Array {
  if (path.endsWith('.mjs')) return Buffer.from(`${REQUIRE_BANNER}\n${text}`);
  if (path.endsWith('.map')) return Buffer.from(text.replace('"mappings": "', '"mappings": ";'));
  return Buffer.from(text);
}

const build = (entry: FunctionEntry, minifySyntax: boolean) =>
  buildSync({
    ...inputOf(entry),
    // Not the output folder: source maps contain paths relative to this folder, which must not differ between checkouts.
    outdir: join(process.cwd(), 'bundle'),
    entryNames: 'index',
    write: false,
    metafile: true,
    absWorkingDir: process.cwd(),
    bundle: true,
    splitting: true,
    minifyIdentifiers: true,
    minifyWhitespace: true,
    minifySyntax,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
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
