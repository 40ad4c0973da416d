import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/** Matches a plain `node file`, which needs no shell. That saves a process, and the app is easy to end. */
const PLAIN_NODE = /^node(\s+[\w@%+=:,./-]+)+$/;

/** Whether the command only starts Node, so that it takes further arguments for Node. */
export const isPlainNode = (app: string): boolean => PLAIN_NODE.test(app.trim());

export interface AppProcessOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Arguments for Node if the command is a plain `node file`. @default none */
  readonly nodeArguments?: readonly string[];
  /** Opens an IPC channel to a plain `node file`, which waits for its start. @default false */
  readonly waits?: boolean;
}

/** Starts a CDK app by the command line in its cdk.json, as the CDK CLI does, but on this process's Node. Its stderr is a pipe. */
export function startAppProcess(
  app: string,
  { directory, environment, nodeArguments = [], waits = false }: AppProcessOptions,
): ChildProcess {
  const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
  const options = { cwd: directory, env: { ...process.env, PATH: path, ...environment } };
  if (!isPlainNode(app)) {
    return spawn(app, { ...options, shell: true, detached: process.platform !== 'win32', stdio: ['ignore', 'ignore', 'pipe'] });
  }
  const [, ...argv] = app.trim().split(/\s+/);
  return spawn(process.execPath, [...nodeArguments, ...argv], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe', waits ? 'ipc' : 'ignore'],
  });
}

/** Ends an app, and the processes that its shell has started. */
export function endAppProcess(child: ChildProcess): void {
  const isOwnGroup = child.spawnfile !== process.execPath && process.platform !== 'win32';
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (isOwnGroup) process.kill(-child.pid, 'SIGKILL');
  else child.kill('SIGKILL');
}
