import { Command, InvalidArgumentError } from 'commander';
import { settingsOf } from '../../settings.ts';
import { rolloutFlagsSchema } from './rollout-flags.ts';

/** `posthorn rollout`: which agent gets how many of a capability's journeys. */
export const rolloutCommand = (): Command =>
  new Command('rollout')
    .description("give an agent a share of a capability's journeys; the others keep their proportions in what is left")
    .argument('<capability>', 'the capability')
    .requiredOption('--to <agent>', 'the agent')
    .requiredOption('--share <percent>', 'its share: a whole number from 0 to 100', percent)
    .action(async (capability: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { rollout } = await import('./rollout.ts');
      await rollout(capability, rolloutFlagsSchema.parse(command.opts()), settings);
    });

function percent(text: string): number {
  if (/^(\d{1,2}|100)$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 0 to 100.');
}
