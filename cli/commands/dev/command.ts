import { Command, InvalidArgumentError } from 'commander';
import { CliError } from '../../cli-error.ts';
import { settingsOf } from '../../settings.ts';

/** `posthorn dev`: the mesh on this machine. */
export const devCommand = (): Command =>
  new Command('dev')
    .description('run the CDK app of this folder on this machine, send its samples through it, stay up, and deploy each edit')
    .option('--port <port>', 'where the AWS endpoint listens on 127.0.0.1; 0 takes any', parsePort, 4566)
    .option('--data <directory>', 'keep queues, tables and content there between runs (default: in memory)', parseDirectory)
    .option('--no-watch', 'let edits of the project take effect at the next start only; --once implies it')
    .option('--once', 'exit after the samples: 0 when each ended as it declares, 1 otherwise')
    .option('--no-samples', 'send no samples')
    .action(async (options: { port: number; data?: string; once?: true; samples: boolean; watch: boolean }, command: Command) => {
      // From the environment it is for the other commands.
      if (command.optsWithGlobals().endpointUrl !== undefined) {
        throw new CliError('dev takes no --endpoint-url: it is the endpoint itself, on 127.0.0.1', {
          remedy: '--port N says where it listens.',
        });
      }
      const settings = settingsOf(command);
      const { dev } = await import('./dev.ts');
      await dev(options, settings);
    });

function parseDirectory(text: string): string {
  // It would be the working directory, which nobody means who gives a variable that is not set.
  if (text === '') throw new InvalidArgumentError('Give a directory.');
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a whole number from 0 to 65535.');
  return port;
}
