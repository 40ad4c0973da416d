import { styleText } from 'node:util';
import { outcomeTable } from './outcome-table.ts';
import type { SampleRun } from './sample-run.ts';

/**
 * Prints how the samples ended, and sets the exit code to 1 if one did not end as it declares.
 *
 * @param columns the terminal's width
 */
export function report(runs: readonly SampleRun[], asJson: boolean, columns: number): void {
  const wrong = runs.filter(({ differences }) => differences.length > 0);
  if (wrong.length > 0) process.exitCode = 1;
  if (asJson) {
    for (const { name, observed, differences, seconds } of runs)
      console.log(JSON.stringify({ sample: name, ...observed, differences, seconds }));
    return;
  }
  console.log(`\n${outcomeTable(runs, columns)}\n`);
  for (const { name, differences } of wrong) console.log(`${styleText('red', '✘')} ${name}: ${differences.join('; ')}`);
  console.log(
    wrong.length === 0
      ? `${sampleCount(runs.length)}, each ended as it declares.`
      : `${wrong.length} of ${sampleCount(runs.length)} did not end as declared.`,
  );
}

export const sampleCount = (count: number): string => `${count} ${count === 1 ? 'sample' : 'samples'}`;
