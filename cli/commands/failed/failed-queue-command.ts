import { Command } from 'commander';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';
import type { FailedQueue } from './failed-queue.ts';
import { redriveFlagsSchema, showFlagsSchema } from './flags.ts';

/** The commands `ls`, `show` and `redrive` of a queue of messages that were not processed. */
export function failedQueueCommand(queue: FailedQueue, description: string): Command {
  const command = new Command(queue.command).description(description);
  command
    .command('ls')
    .description(`list each agent's ${queue.title}: number of messages and age of the oldest`)
    .argument('[agent]', 'only this agent')
    .action(async (agent: string | undefined, _options: unknown, self: Command) => {
      const settings = settingsOf(self);
      const { list } = await import('./list.ts');
      await list(queue, agent, settings);
    });
  command
    .command('show')
    .description(`show messages of an agent's ${queue.title} and why they failed; the messages stay in the queue`)
    .argument('<agent>', 'whose')
    .argument('[id]', "only messages with this id: the event's, or SQS's")
    .option('--full', 'show the whole body and every recorded field', false)
    .option('--max <n>', 'look at no more than this many messages', positiveNumber, 100)
    .action(async (agent: string, id: string | undefined, _options: unknown, self: Command) => {
      const settings = settingsOf(self);
      const { show } = await import('./show.ts');
      await show(queue, agent, id, showFlagsSchema.parse(self.opts()), settings);
    });
  command
    .command('redrive')
    .description(`put messages of an agent's ${queue.title} back into its inbox`)
    .argument('<agent>', 'whose')
    .option('--id <id...>', "messages with these ids: the event's, or SQS's")
    .option('--all', 'every message that is in the queue now', false)
    .option('--dry-run', 'change nothing, only print the messages that would be put back', false)
    .option('--yes', 'do not ask', false)
    .action(async (agent: string, _options: unknown, self: Command) => {
      const settings = settingsOf(self);
      const { redrive } = await import('./redrive.ts');
      await redrive(queue, agent, redriveFlagsSchema.parse(self.opts()), settings);
    });
  return command;
}
