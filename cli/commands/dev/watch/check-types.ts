import { execFile } from 'node:child_process';
import { access, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { AGENTS_FOLDER, type Project } from '../project.ts';

const run = promisify(execFile);

const packageSchema = z.object({ bin: z.object({ tsc: z.string() }) });
const failedSchema = z.object({ stdout: z.string(), code: z.number() });

/**
 * Checks the types of every agent, and of the CDK app on request, with the project's own TypeScript and settings. The check includes
 * the files that these import. A project without TypeScript or tsconfig.json is not checked.
 *
 * @returns the errors, each with file and line; `undefined` when there are none
 * @throws the signal's reason when it aborts
 */
export async function checkTypes(project: Project, withApp: boolean, signal: AbortSignal): Promise<string | undefined> {
  const tsc = await typescriptOf(project.directory);
  if (tsc === undefined) return undefined;
  const folder = join(project.cache, withApp ? 'types-app' : 'types-agents');
  const files = await entryFiles(project, withApp);
  if (files.length === 0) return undefined;
  await mkdir(folder, { recursive: true });
  const settings = {
    extends: join(project.directory, 'tsconfig.json'),
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: true,
      tsBuildInfoFile: join(folder, 'state.tsbuildinfo'),
      skipLibCheck: true,
    },
    files,
    include: [],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  try {
    await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: project.directory, signal, maxBuffer: 10_000_000 });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const failed = failedSchema.safeParse(error).data;
    if (failed === undefined) throw error;
    return withLines(failed.stdout);
  }
}

/** `file(12,3): error` as editors and terminals link it: `file:12:3: error`. */
const withLines = (output: string): string => output.trim().replaceAll(/^(\S.*)\((\d+),(\d+)\): /gm, '$1:$2:$3: ');

async function typescriptOf(directory: string): Promise<string | undefined> {
  try {
    await access(join(directory, 'tsconfig.json'));
    const file = createRequire(join(directory, 'package.json')).resolve('typescript/package.json');
    return join(dirname(file), z.parse(packageSchema, JSON.parse(await readFile(file, 'utf8'))).bin.tsc);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'MODULE_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function entryFiles({ directory, configuration }: Project, withApp: boolean): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob(join(AGENTS_FOLDER, '*', 'agent.ts'), { cwd: directory }));
  const app = configuration.app.split(/\s+/).find((word) => extname(word) === '.ts');
  return [...files, ...(withApp && app !== undefined ? [app] : [])].map((file) => join(directory, file)).sort();
}

/** Whether only agents have changed, so that the CDK app's own code need not be checked. */
export const isOfAgents = ({ directory }: Project, path: string): boolean => relative(directory, path).startsWith(join('functions', '/'));
