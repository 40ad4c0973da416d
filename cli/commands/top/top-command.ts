import { Command } from 'commander';
import * as z from 'zod/mini';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';

const flagsSchema = z.object({ once: z.boolean(), interval: z.number() });

/** `posthorn top`: how each agent is. */
export const topCommand = (): Command =>
  new Command('top')
    .description('show how each agent is: rate, outcomes, waits, retries, failures and load of the last minutes')
    .option('--once', 'print it once (default where the output is no terminal, but not with --json)', false)
    .option('--interval <seconds>', 'how often to refresh', positiveNumber, 2)
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { top } = await import('./top.ts');
      await top(flagsSchema.parse(command.opts()), settings);
    });
