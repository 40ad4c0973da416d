import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { firstFailure } from './first-failure.ts';
import { MUTANTS } from './mutants.ts';

describe.concurrent('The campaign', () => {
  it.each(MUTANTS)('finds the runtime broken by $name', async (mutant) => {
    expect(await firstFailure(mutant)).toBeDefined();
  });

  it('replays a failing seed, shrinks it, and prints the command for the smaller case', async () => {
    const replay = (command: string) => promisify(execFile)(process.execPath, ['test/simulation/simulate.ts', ...command.split(' ')]);

    const first = await replay('--seed 1 --messages 400 --mutant partial-send-ignored').catch((error: unknown) => outputOf(error));
    const command = /^npm run simulate -- (--seed 1 --messages (\d+) --without [a-z,-]+ --mutant partial-send-ignored)$/m.exec(
      first.stdout,
    );
    const second = await replay(command?.[1] ?? '').catch((error: unknown) => outputOf(error));

    expect(Number(command?.[2])).toBeLessThan(400);
    expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining('"effects of what is processed"') });
    expect(second).toMatchObject({ code: 1, stdout: expect.stringContaining('"effects of what is processed"') });
  });
});

function outputOf(error: unknown): { readonly code?: unknown; readonly stdout: string } {
  if (!(error instanceof Error) || !('stdout' in error)) throw error;
  return { code: 'code' in error ? error.code : undefined, stdout: String(error.stdout) };
}
