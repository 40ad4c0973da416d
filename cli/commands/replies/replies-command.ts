import { Command } from 'commander';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';
import { repliesFlagsSchema } from './flags.ts';

/** `posthorn replies`: replies to messages without `replyto`. */
export const repliesCommand = (): Command =>
  new Command('replies')
    .description("show the mesh's replies queue, or take replies off it; copies of a reply are shown once")
    .option('--take', 'remove the printed replies from the queue (default: they stay there)', false)
    .option('--follow', 'wait for more, until Ctrl-C', false)
    .option('--full', 'show the whole data', false)
    .option('--max <n>', 'print no more than this many replies', positiveNumber)
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { replies } = await import('./replies.ts');
      await replies(repliesFlagsSchema.parse(command.opts()), settings);
    });
