import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { DEFAULT_STAGE } from '../events/names.ts';
import { CliError } from './cli-error.ts';
import { addCommand } from './commands/add/add-command.ts';
import { agentsCommand } from './commands/agents/agents-command.ts';
import { devCommand } from './commands/dev/command.ts';
import { drainCommand } from './commands/drain/drain-command.ts';
import { dlqCommand } from './commands/failed/dlq-command.ts';
import { errorsCommand } from './commands/failed/errors-command.ts';
import { initCommand } from './commands/init/init-command.ts';
import { pauseCommand } from './commands/pause/pause-command.ts';
import { resumeCommand } from './commands/pause/resume-command.ts';
import { policyCommand } from './commands/policy/policy-command.ts';
import { repliesCommand } from './commands/replies/replies-command.ts';
import { rolloutCommand } from './commands/rollout/rollout-command.ts';
import { sendCommand } from './commands/send/send-command.ts';
import { stuckCommand } from './commands/stuck/stuck-command.ts';
import { tokenCommand } from './commands/token/token-command.ts';
import { topCommand } from './commands/top/top-command.ts';
import { traceCommand } from './commands/trace/trace-command.ts';
import { describeError } from './describe-error.ts';
import { interruptionCode } from './interrupt.ts';
import { packageManifest } from './package-manifest.ts';
import { printable } from './printable.ts';
import { addGlobalOptions, resolveSettings, type Settings } from './settings.ts';

/** The commands, in the order of `--help`. */
export const commands = [
  initCommand,
  addCommand,
  devCommand,
  sendCommand,
  repliesCommand,
  dlqCommand,
  errorsCommand,
  pauseCommand,
  resumeCommand,
  policyCommand,
  tokenCommand,
  agentsCommand,
  rolloutCommand,
  drainCommand,
  topCommand,
  traceCommand,
  stuckCommand,
];

/** Runs the posthorn command and sets the process's exit code: 0 done, 1 not (all) done, 129, 130 or 143 interrupted. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that closes the pipe early (`| head`) is not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The terminal is gone: its SIGHUP ends the command.
      if (error.code === 'EIO') return;
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  const program = addGlobalOptions(new Command('posthorn'))
    .description('Works with a Posthorn mesh, on this machine or on AWS: run it, send to it, read its replies, redrive what failed.')
    .version(packageManifest().version, '-V, --version', 'print the version')
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

/** Commander does not pass settings on to subcommands that are added later. @param path how the command is called */
function inheritSettings(command: Command, path: string): void {
  command.showHelpAfterError(`Try '${path} --help'.`);
  for (const child of command.commands) inheritSettings(child.copyInheritedSettings(command), `${path} ${child.name()}`);
}

function report(error: unknown, program: Command): number {
  if (error instanceof CommanderError) return error.exitCode;
  const description = describeError(error, settingsOrDefaults(program));
  if (description === undefined) {
    console.error('posthorn: this should not have happened; please report it.');
    console.error(error);
    return 1;
  }
  console.error(`${styleText('red', 'posthorn:', { stream: process.stderr })} ${printable(description.message)}`);
  if (description.remedy !== undefined) console.error(printable(description.remedy));
  return interruptionCode() ?? 1;
}

function settingsOrDefaults(program: Command): Pick<Settings, 'endpoint' | 'stage'> {
  try {
    return resolveSettings(program.opts(), process.env);
  } catch (error) {
    if (error instanceof CliError) return { endpoint: undefined, stage: DEFAULT_STAGE };
    throw error;
  }
}
