import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a mesh of this process has its assembly, in a folder that meshes share. */
export const assemblyDirectoryIn = (folder: string): string => join(folder, `cdk.out.${process.pid}`);

/** Removes the assemblies of processes that do not run any more: they were killed. Makes the folder if there is none. */
export async function sweepAssemblies(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const pid = Number(/^cdk\.out\.(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && (pid === process.pid || !isRunning(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It runs, but belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
