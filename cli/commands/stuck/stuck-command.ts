import { Command } from 'commander';
import { durationOption } from '../../duration-option.ts';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';
import { stuckFlagsSchema } from './flags.ts';

/** `posthorn stuck`: what does not move. */
export const stuckCommand = (): Command =>
  new Command('stuck')
    .description('list messages that do not move and why, the oldest first, and inboxes that nobody empties; it receives no message')
    .option('--older-than <duration>', 'those that have not moved for so long: 90s, 5m, 2h, 1d', durationOption, durationOption('5m'))
    .option('--agent <id>', 'only this agent')
    .option('--max <n>', 'list no more than this many messages', positiveNumber, 100)
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { stuck } = await import('./stuck.ts');
      await stuck(stuckFlagsSchema.parse(command.opts()), settings);
    });
