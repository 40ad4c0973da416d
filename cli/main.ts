import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { devCommand } from './dev.ts';
import { dlqCommand } from './dlq.ts';
import { errorsCommand } from './errors.ts';
import { explainError } from './explain-error.ts';
import { interruptionCode } from './interrupt.ts';
import { sendCommand } from './send.ts';
import { addGlobalOptions, resolveSettings, type Settings } from './settings.ts';

const commands = [devCommand, sendCommand, dlqCommand, errorsCommand];

/** Runs the posthorn command and sets the process's exit code: 0 done, 1 not (all) done, 130 or 143 interrupted. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  const program = addGlobalOptions(new Command('posthorn'))
    .description('Speaks to a Posthorn mesh, on this machine or on AWS: runs it, sends to it, and mends what it could not process.')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Try 'posthorn --help'.")
    .exitOverride();
  for (const command of commands) program.addCommand(inheriting(command(), program));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, program);
  }
}

/** Subcommands made elsewhere do not take over these settings by themselves. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheriting(child, command);
  return command;
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
    if (error instanceof CliError) return { endpointUrl: undefined, stage: 'dev' };
    throw error;
  }
}
