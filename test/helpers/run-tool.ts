import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** @returns what the tool wrote, and its exit code. @throws Error with the remedy if it is not installed */
export async function runTool(command: string, args: readonly string[], input = ''): Promise<{ output: string; code: unknown }> {
  const child = spawn(command, args);
  const ended = once(child, 'close').catch((error: unknown) => {
    throw new Error(`${command} does not run: install the Debian package prometheus, as .ci/run does`, { cause: error });
  });
  child.stdin.on('error', () => undefined).end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { output: out + err, code };
}
