import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { agentId } from '../init/agent-id.ts';

/** `posthorn add agent`: another agent in this repository. */
export const addCommand = (): Command =>
  new Command('add').description('add something to this repository').addCommand(
    new Command('agent')
      .description('write functions/agents/<id> with a definition and its test, and a sample event')
      .argument('<id>', "the agent's id", agentId)
      .action(async (id: string) => {
        if (!existsSync('cdk.json')) {
          throw new CliError(`${resolve('.')} has no cdk.json: it is not a CDK app`, {
            remedy: "Change to the repository's folder, or begin one with 'npx posthorn init'.",
          });
        }
        const { agentFiles } = await import('../init/agent-files.ts');
        const { writeFiles } = await import('../init/write-files.ts');
        const files = agentFiles(id);
        await writeFiles(resolve('.'), files);
        for (const { path } of files) console.log(`  ${styleText('green', 'written')}  ${path}`);
        console.log(`\nA running 'npm start' picks it up; 'npx cdk deploy --all' deploys it.`);
        console.log(`Other agents of this app reach it by sendsTo: ['${id}']. README.md shows how a producer is admitted.`);
      }),
  );
