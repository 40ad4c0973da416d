import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { durationOption } from '../../duration-option.ts';
import { settingsOf } from '../../settings.ts';

/** Milliseconds. */
const flagsSchema = z.object({ settle: z.optional(z.number()), timeout: z.optional(z.number()) });

/** `posthorn drain`: an agent gets no new journeys, and handles what it has. */
export const drainCommand = (): Command =>
  new Command('drain')
    .description('give an agent no new journeys, and wait until its inbox is empty: then its stack can be deleted')
    .argument('<agent>', 'the agent')
    .addOption(
      new Option('--settle <duration>', 'the inbox has to be empty for so long (default: 6m, 15s on this machine)').argParser(
        durationOption,
      ),
    )
    .addOption(new Option('--timeout <duration>', 'give up after so long (default: never)').argParser(durationOption))
    .action(async (agent: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { drain } = await import('./drain.ts');
      await drain(agent, flagsSchema.parse(command.opts()), settings);
    });
