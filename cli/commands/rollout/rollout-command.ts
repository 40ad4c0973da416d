import { Command, InvalidArgumentError, Option } from 'commander';
import { durationOption } from '../../duration-option.ts';
import { settingsOf } from '../../settings.ts';
import { rolloutTask } from './rollout-flags.ts';

/** `posthorn rollout`: which agent gets how many of a capability's journeys. */
export const rolloutCommand = (): Command =>
  new Command('rollout')
    .description("move a capability's journeys to an agent, at once or in steps that the mesh watches; without options, show it")
    .argument('<capability>', 'the capability')
    .option('--to <agent>', 'the agent that gets the journeys')
    .addOption(new Option('--weight <percent>', 'its share at once: a whole number from 0 to 100').argParser(percent))
    .addOption(new Option('--steps <list>', 'its share in steps: 10,50,100').argParser((list) => list.split(',').map(percent)))
    .addOption(new Option('--every <duration>', 'a step lasts at least so long (default: 5m)').argParser(durationOption))
    .option('--pause', 'stay in the step that it is in; it is still rolled back if the agent does worse')
    .option('--resume', 'go on after a pause')
    .option('--abort', 'end it, with the weights from before it')
    .option('--wait', 'show each step until it ends: 1 is the exit code if it was rolled back', false)
    .action(async (capability: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { task, wait } = rolloutTask(command.opts());
      const { rollout } = await import('./rollout.ts');
      await rollout(capability, task, wait, settings);
    });

function percent(text: string): number {
  if (/^(\d{1,2}|100)$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give whole numbers from 0 to 100.');
}
