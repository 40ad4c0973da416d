import { buildSync, type Metafile } from 'esbuild';

export interface ImportSize {
  readonly specifier: string;
  /** Bytes that are read before the import resolves: the module and all that it imports statically. */
  readonly bytes: number;
  /** Bytes that are read when they are needed. */
  readonly lazyBytes: number;
}

/**
 * The size of an import of the package, bundled with its dependencies and minified. The CDK is not in it: a project has its own.
 *
 * @param project a folder whose `node_modules` has the package
 */
export function importSize(project: string, specifier: string): ImportSize {
  const { metafile } = buildSync({
    stdin: { contents: `import * as all from '${specifier}'; console.log(all);`, resolveDir: project, sourcefile: 'index.js' },
    absWorkingDir: project,
    outdir: project,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    external: ['aws-cdk-lib', 'constructs', 'esbuild'],
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const start = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'index.js');
  if (start === undefined) throw new Error(`esbuild made no entry of '${specifier}'`);
  const bytes = sizeOf(staticFiles(metafile.outputs, start[0]), metafile);
  return { specifier, bytes, lazyBytes: sizeOf(new Set(Object.keys(metafile.outputs)), metafile) - bytes };
}

function staticFiles(outputs: Metafile['outputs'], file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? [])
    if (kind === 'import-statement' && external !== true) staticFiles(outputs, path, found);
  return found;
}

const sizeOf = (files: ReadonlySet<string>, { outputs }: Metafile): number =>
  [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
