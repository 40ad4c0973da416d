import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

let made = 0;

/** A new path for an assembly of this process, in a folder that several processes share. Nothing exists there yet. */
export const newAssemblyDirectory = (folder: string): string => join(folder, `cdk.out.${process.pid}.${++made}`);

/** Removes the assemblies of this process and of processes that no longer run. Creates the folder if it is missing. */
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
    // The process runs under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
