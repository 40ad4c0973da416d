import { Command } from 'commander';
import { settingsOf } from '../../settings.ts';

/** `posthorn pause`: an agent's messages wait. */
export const pauseCommand = (): Command =>
  new Command('pause')
    .description('pause an agent: its messages wait in its inbox, and no receive is used')
    .argument('<agent>', 'the agent')
    .action(async (agent: string, _options: unknown, command: Command) => {
      const { switchAgent } = await import('./switch-agent.ts');
      await switchAgent(agent, false, settingsOf(command));
    });
