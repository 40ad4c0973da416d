import { Command, Option } from 'commander';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';
import { findFlagsSchema } from './find-flags.ts';

/** `posthorn agents`: who can do what. */
export const agentsCommand = (): Command =>
  new Command('agents').description('find agents by what they can do').addCommand(
    new Command('find')
      .description('list the agents that offer a capability, those with the highest weight first')
      .argument('<capability>', "the capability, with a range of versions if it matters: 'sentiment-analysis@>=2.0'")
      .addOption(new Option('--max-latency <ms>', 'those whose p95 of waiting and handling is at most this').argParser(positiveNumber))
      .option('--healthy', 'only agents that are not ejected')
      .option('--limit <n>', 'list no more than this many', positiveNumber)
      .action(async (query: string, _options: unknown, command: Command) => {
        const settings = settingsOf(command);
        const { find } = await import('./find.ts');
        await find(query, findFlagsSchema.parse(command.opts()), settings);
      }),
  );
