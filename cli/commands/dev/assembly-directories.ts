import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

let made = 0;

/** A directory of this process for an assembly, in a folder that processes share. It does not exist yet. */
export const newAssemblyDirectory = (folder: string): string => join(folder, `cdk.out.${process.pid}.${++made}`);

/** Removes the assemblies that this process made, and those of processes that were killed. Makes the folder if there is none. */
export async function removeAssemblies(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const pid = Number(/^cdk\.out\.(\d+)\b/.exec(name)?.[1]);
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
