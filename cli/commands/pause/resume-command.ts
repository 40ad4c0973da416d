import { Command } from 'commander';
import { settingsOf } from '../../settings.ts';

/** `posthorn resume`: a paused agent receives again. */
export const resumeCommand = (): Command =>
  new Command('resume')
    .description('let a paused agent receive its messages again')
    .argument('<agent>', 'the agent')
    .action(async (agent: string, _options: unknown, command: Command) => {
      const { switchAgent } = await import('./switch-agent.ts');
      await switchAgent(agent, true, settingsOf(command));
    });
