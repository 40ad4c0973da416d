import { Command, Option } from 'commander';
import { positiveNumber } from '../../positive-number.ts';
import { settingsOf } from '../../settings.ts';
import { findFlagsSchema } from './find-flags.ts';

/** `posthorn agents`: who is there, and who can do what. */
export const agentsCommand = (): Command =>
  new Command('agents')
    .description('list the agents of the mesh, show one, and find them by what they can do')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(findCommand())
    .addCommand(cardCommand());

const listCommand = (): Command =>
  new Command('ls')
    .description('list all agents: version, health, latency, and the weight of each of their capabilities')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { ls } = await import('./ls.ts');
      await ls(settings);
    });

const showCommand = (): Command =>
  new Command('show')
    .description('show everything about an agent: what it can do, whom it sends to, how it does')
    .argument('<agent>', 'the agent')
    .action(async (agent: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { show } = await import('./show.ts');
      await show(agent, settings);
    });

const cardCommand = (): Command =>
  new Command('card')
    .description('print the A2A card of an agent, as JSON')
    .argument('<agent>', 'the agent')
    .action(async (agent: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { card } = await import('./card.ts');
      await card(agent, settings);
    });

const findCommand = (): Command =>
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
    });
