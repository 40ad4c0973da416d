import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { firstFailure } from './first-failure.ts';
import { RUNTIME, replaceOnce } from './load-runtime.ts';
import { MUTANTS } from './mutants.ts';
import { OLDER_RUNTIME } from './older-runtime.ts';

/** One of each group, and found in seconds; `npm run test:slow` looks for all. */
const HANDFUL = [
  'no-fencing',
  'partial-send-ignored',
  'permanent-retried',
  'claim-not-heeded',
  'source-unbound',
  'digest-not-verified',
  'unhealthy-picked',
  'aborted-still-sent',
  'stall-not-a-trickle',
];

test.each([...MUTANTS, OLDER_RUNTIME])('the mutant $name finds the text that it replaces', async ({ edits }) => {
  for (const edit of edits) {
    const source = await readFile(new URL(edit.file, RUNTIME), 'utf8');

    expect(replaceOnce(source, edit)).not.toBe(source);
  }
});

describe.concurrent('the campaign', () => {
  test.each(MUTANTS.filter(({ name }) => HANDFUL.includes(name)))('finds the runtime broken by $name', async (mutant) => {
    expect(await firstFailure(mutant)).toBeDefined();
  });
});
