import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { type TreeUse, watchTree } from './process-tree.ts';

/** A command that has ended. */
export interface CommandRun extends TreeUse {
  readonly seconds: number;
  /** What it wrote to stdout, without colours. */
  readonly output: string;
}

/** Runs a command to its end. @throws Error when it fails */
export async function runCommand(command: string, args: readonly string[], cwd: string): Promise<CommandRun> {
  const begunMs = performance.now();
  const child = spawn(command, [...args], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  using tree = watchTree(child.pid);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((ended, fail) => child.once('error', fail).once('close', ended));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output}`);
  return { seconds: (performance.now() - begunMs) / 1_000, output: stripVTControlCharacters(output), ...tree.use() };
}
