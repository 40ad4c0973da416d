import { basename, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { agentId } from './agent-id.ts';

/** `posthorn init`: a new repository with one agent. */
export const initCommand = (): Command =>
  new Command('init')
    .description('write a new repository: a CDK app, one agent with its test, a sample event; existing files are never overwritten')
    .argument('[folder]', 'the new folder; its name becomes the name of the package', '.')
    .option('--agent <id>', "the agent's id", agentId, 'greeting')
    .action(async (given: string, options: { agent: string }) => {
      const folder = resolve(given);
      const { projectFiles } = await import('./project-files.ts');
      const { writeFiles } = await import('./write-files.ts');
      const files = projectFiles(packageName(basename(folder)), options.agent);
      await writeFiles(folder, files);
      const where = relative('', folder);
      for (const { path } of files) console.log(`  ${styleText('green', 'written')}  ${where === '' ? path : `${where}/${path}`}`);
      console.log(`\nNext:\n\n${where === '' ? '' : `  cd ${where}\n`}  npm install\n  npm start\n`);
    });

/** @see https://docs.npmjs.com/cli/configuring-npm/package-json#name */
const packageName = (folderName: string): string =>
  folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '') || 'my-mesh';
