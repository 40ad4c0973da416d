import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { DEFAULT_STAGE } from '../events/names.ts';
import { CliError } from './cli-error.ts';
import { addCommand } from './commands/add/command.ts';
import { devCommand } from './commands/dev/command.ts';
import { dlqCommand } from './commands/failed/dlq.ts';
import { errorsCommand } from './commands/failed/errors.ts';
import { initCommand } from './commands/init/command.ts';
import { sendCommand } from './commands/send/command.ts';
import { explainError } from './describe-error.ts';
import { interruptionCode } from './interrupt.ts';
import { addGlobalOptions, resolveSettings, type Settings } from './settings.ts';
import { packageVersion } from './version.ts';

const commands = [initCommand, addCommand, devCommand, sendCommand, dlqCommand, errorsCommand];

/** Runs the posthorn command and sets the process's exit code: 0 done, 1 not (all) done, 129, 130 or 143 interrupted. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The terminal is gone; its SIGHUP says what is to be done.
      if (error.code === 'EIO') return;
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  const program = addGlobalOptions(new Command('posthorn'))
    .description('Speaks to a Posthorn mesh, on this machine or on AWS: runs it, sends to it, and mends what it could not process.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const command of commands) program.addCommand(command());
  inheritSettings(program, 'posthorn');
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, program);
  }
}

/** Subcommands made elsewhere do not take over settings by themselves. @param path how the command is called */
function inheritSettings(command: Command, path: string): void {
  command.showHelpAfterError(`Try '${path} --help'.`);
  for (const child of command.commands) inheritSettings(child.copyInheritedSettings(command), `${path} ${child.name()}`);
}

function report(error: unknown, program: Command): number {
  if (error instanceof CommanderError) return error.exitCode;
  const explanation = explainError(error, settingsOrDefaults(program));
  if (explanation === undefined) {
    console.error('posthorn: this should not have happened; please report it.');
    console.error(error);
    return 1;
  }
  console.error(`${styleText('red', 'posthorn:', { stream: process.stderr })} ${explanation.message}`);
  if (explanation.remedy !== undefined) console.error(explanation.remedy);
  return interruptionCode() ?? 1;
}

function settingsOrDefaults(program: Command): Pick<Settings, 'endpointUrl' | 'stage'> {
  try {
    return resolveSettings(program.opts(), process.env);
  } catch (error) {
    if (error instanceof CliError) return { endpointUrl: undefined, stage: DEFAULT_STAGE };
    throw error;
  }
}
