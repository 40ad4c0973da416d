import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

const packedSchema = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
});

export type Manifest = z.output<typeof manifestSchema>;

/** The published package, and a project with it. */
export interface PackedPackage extends AsyncDisposable {
  /** Absolute path of the tarball. */
  readonly tarball: string;
  /** Its files, relative to the package's folder. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  /** A folder whose `node_modules` has the unpacked package, and its dependencies as links to this repository's. */
  readonly project: string;
}

/** Builds the package without checking types, which `npm run check` does, and packs it. */
export async function packPackage(): Promise<PackedPackage> {
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await run(process.execPath, [bin('tsc'), '-p', 'tsconfig.build.json', '--noCheck'], { cwd: root });
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-package-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename, files }] = packedSchema.parse(JSON.parse(stdout));
  const tarball = join(folder, filename);
  const project = join(folder, 'project');
  const installed = join(project, 'node_modules/posthorn');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')));
  for (const name of ['@types/node', ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  return {
    tarball,
    files: files.map(({ path }) => path),
    manifest,
    project,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
