import { Command, InvalidArgumentError } from 'commander';
import { CliError } from '../../cli-error.ts';
import { settingsOf } from '../../settings.ts';

/** `posthorn dev`: the mesh on this machine. */
export const devCommand = (): Command =>
  new Command('dev')
    .description('run the CDK app of this folder on this machine, send its samples through it, stay up, and deploy each edit')
    .option('--port <port>', 'port of the AWS endpoint on 127.0.0.1; 0 takes any free one', parsePort, 4566)
    .option('--data <directory>', 'keep queues, tables and content in this directory between runs (default: in memory)', parseDirectory)
    .option('--no-watch', 'apply edits of the project at the next start only; implied by --once')
    .option('--once', 'exit after the samples: 0 if each ended as it declares, 1 otherwise')
    .option('--no-samples', 'send no samples')
    .action(async (options: { port: number; data?: string; once?: true; samples: boolean; watch: boolean }, command: Command) => {
      // AWS_ENDPOINT_URL in the environment is for the other commands.
      if (command.optsWithGlobals().endpointUrl !== undefined) {
        throw new CliError('dev takes no --endpoint-url: it provides the endpoint, on 127.0.0.1', {
          remedy: 'Choose its port with --port N.',
        });
      }
      const { prefix, stage, ...settings } = settingsOf(command);
      const isGiven = (option: string) => command.getOptionValueSourceWithGlobals(option) !== 'default';
      const name = { ...(isGiven('prefix') && { prefix }), ...(isGiven('stage') && { stage }) };
      const { dev } = await import('./dev.ts');
      await dev({ ...options, name }, settings);
    });

function parseDirectory(text: string): string {
  // An empty text would resolve to the working directory. It usually comes from a shell variable that is not set.
  if (text === '') throw new InvalidArgumentError('Give a directory.');
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a whole number from 0 to 65535.');
  return port;
}
