import { Command } from 'commander';
import { settingsOf } from '../../settings.ts';

/** `posthorn policy`: who may send to whom. */
export const policyCommand = (): Command =>
  new Command('policy')
    .description('show who may send to whom, as the registry of the mesh has it')
    .addCommand(
      new Command('explain')
        .description('answer whether a sender may do an action at an agent, and by which rule; the exit code is 0 for yes, 1 for no')
        .argument('<sender>', 'agent:<id>, producer:<id>, a name that matrix lists, or the id that SQS stamps (AROA..., AIDA...)')
        .argument('<agent>', 'the agent that receives')
        .argument('[action]', 'an action, or a message type of the agent', 'handle')
        .action(async (sender: string, agent: string, action: string, _options: unknown, command: Command) => {
          const { explain } = await import('./explain.ts');
          await explain({ sender, agent, action }, settingsOf(command));
        }),
    )
    .addCommand(
      new Command('matrix')
        .description('list each agent, who may send to it, for which actions, and by which rule')
        .action(async (_options: unknown, command: Command) => {
          const { matrix } = await import('./matrix.ts');
          await matrix(settingsOf(command));
        }),
    );
