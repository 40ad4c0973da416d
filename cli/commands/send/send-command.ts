import { Argument, Command, InvalidArgumentError } from 'commander';
import { tenantSchema } from '../../../events/envelope.ts';
import { settingsOf } from '../../settings.ts';
import { sendFlagsSchema } from './flags.ts';

/** `posthorn send`: puts events into an agent's inbox. */
export const sendCommand = (): Command =>
  new Command('send')
    .description("put events into an agent's inbox: a sample, one event, or NDJSON of any length")
    .addArgument(
      new Argument('<file>', 'a sample, one CloudEvents event as JSON, or NDJSON (an event, or just its data, a line); - is stdin'),
    )
    .option('--agent <id>', 'the agent to send to (a sample names its own)')
    .option('--type <type>', 'CloudEvents type of events that have none')
    .option('--tenant <tenant>', 'tenant of events that have none: its many messages do not delay those of others', tenant)
    .option('--files <folder>', 'the folder whose files a dataref file:<path> may name (default: that of <file>)')
    .option('--failed <file>', 'write items that were not sent to this file, to be fixed and sent again')
    .option('--no-validate', 'send each line unchanged and without validation')
    .option('--rate <n>', 'messages each second, or max (default: as fast as the agent can handle them)', rate)
    .option('--in-flight <n>', 'messages that are under way at the same time', wholeNumber(1, 10_000), 100)
    .option('--concurrency <n>', 'requests at the same time', wholeNumber(1, 64), 8)
    .action(async (file: string, _options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { send } = await import('./send.ts');
      await send(file, sendFlagsSchema.parse(command.opts()), settings);
    });

function tenant(value: string): string {
  if (tenantSchema.safeParse(value).success) return value;
  throw new InvalidArgumentError('Give 1 to 128 letters, digits and punctuation characters of ASCII, without spaces.');
}

function wholeNumber(from: number, to: number): (value: string) => number {
  return (value) => {
    const parsed = Number(value);
    if (value.trim() !== '' && Number.isInteger(parsed) && parsed >= from && parsed <= to) return parsed;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

function rate(value: string): number | 'max' {
  if (value === 'max') return value;
  const parsed = Number(value);
  if (value.trim() !== '' && parsed >= 0.001 && parsed <= 1_000_000) return parsed;
  throw new InvalidArgumentError('Give a number from 0.001 to 1000000, or max.');
}
