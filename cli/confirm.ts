import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.ts';
import { INTERRUPTED } from './interrupt.ts';

/** Asks a question on the terminal. @throws CliError when the answer is not yes, stdin is not a terminal, or the user presses Ctrl-C */
export async function confirm(question: string, { unanswerable, refused }: { readonly unanswerable: string; readonly refused: string }) {
  if (!process.stdin.isTTY) throw new CliError(unanswerable, { remedy: 'Confirm with --yes.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(refused);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    // Ends the question's line.
    process.stderr.write('\n');
    process.exitCode = INTERRUPTED;
    throw new CliError(refused, { cause });
  } finally {
    terminal.close();
  }
}
