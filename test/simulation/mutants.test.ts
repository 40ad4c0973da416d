import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { RULED_OUT } from './faults.ts';
import { MUTANTS } from './mutants.ts';

const MAX_SEEDS = 50;
const TIMEOUT_MS = 300_000;

describe.concurrent('The campaign', () => {
  it.each(MUTANTS)('finds the runtime broken by $name', { timeout: TIMEOUT_MS }, async ({ name: mutant, firstSeed }) => {
    const options = { firstSeed, seeds: MAX_SEEDS, messages: 1_000, workers: 1, stopsAtFailure: true };
    const { failed } = await runCampaign({ ...options, mutant, without: RULED_OUT });

    expect(failed.length).toBeGreaterThan(0);
  });

  it('replays a failing seed, shrinks it, and prints the command for the smaller case', { timeout: TIMEOUT_MS }, async () => {
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
