import { Command } from 'commander';
import { settingsOf } from '../../settings.ts';
import { traceFlagsSchema } from './flags.ts';

/** `posthorn trace`: where the messages of a journey are, and why. */
export const traceCommand = (): Command =>
  new Command('trace')
    .description('show where the messages of a journey are and why, from the ledger; it receives no message')
    .argument('<id>', "the whole id: the journey's correlation id, a message's id, or a trace id where the mesh has that index")
    .option('--follow', 'show changes until every message has its outcome, or until Ctrl-C', false)
    .option('--source <source>', 'the source of the message with this id, where a producer set both id and correlationid')
    .action(async (id: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { trace } = await import('./trace.ts');
      await trace(id, traceFlagsSchema.parse(command.opts()), settings);
    });
