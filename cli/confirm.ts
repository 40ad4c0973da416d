import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.ts';
import { INTERRUPTED } from './interrupt.ts';

/** Asks a question on the terminal. @throws CliError when the answer is not yes, nobody can be asked, or Ctrl-C is the answer */
export async function confirm(question: string, { unanswerable, refused }: { readonly unanswerable: string; readonly refused: string }) {
  if (!process.stdin.isTTY) throw new CliError(unanswerable, { remedy: 'Give --yes if you mean it.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(refused);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    // The question's line has not ended.
    process.stderr.write('\n');
    process.exitCode = INTERRUPTED;
    throw new CliError(refused, { cause });
  } finally {
    terminal.close();
  }
}
