import { MeshClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { describeError, type ErrorDescription } from '../../describe-error.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import { progress } from '../../progress.ts';
import type { Settings } from '../../settings.ts';
import type { SendFlags } from './flags.ts';
import { openInput } from './input.ts';
import { parseSample, sampleItems } from './sample-items.ts';
import { type SendSummary, sendItems } from './send-items.ts';
import { sendProducer } from './send-producer.ts';
import { traceLine } from './trace-line.ts';

/** How many failures are printed; the file of failed items has all. */
const MAX_PRINTED_FAILURES = 20;

/** Sends a file's events, prints the result, and sets the exit code to 1 if an event was not sent. */
export async function send(file: string, flags: SendFlags, settings: Settings): Promise<void> {
  const input = await openInput(file, !flags.validate);
  const sample = input.kind === 'sample' ? parseSample(input.value) : undefined;
  const agent = flags.agent ?? sample?.agent;
  if (agent === undefined)
    throw new CliError('which agent is it for?', { remedy: 'Give --agent ID (only a sample names its agent itself).' });

  const mesh = new MeshClient(settings);
  try {
    const producer = await sendProducer(agent, flags, settings);
    try {
      const total = input.kind === 'items' ? input.totalBytes : undefined;
      const items = input.kind === 'items' ? input.items : sampleItems(parseSample(input.value), input.folder, mesh.content);
      const summary = await interruptible((signal) => {
        signal.addEventListener('abort', () => {
          if (flags.failed !== undefined)
            console.error(`${process.stderr.isTTY ? '\n' : ''}writing the rest to ${flags.failed}; interrupting again ends it at once`);
        });
        return sendItems(items, {
          ...{ mesh, producer, agent, folder: flags.files ?? input.folder, type: flags.type, tenant: flags.tenant },
          failedFile: flags.failed,
          progress: progress(agent, total),
          signal,
        });
      });
      printSummary(summary, agent, flags.failed, settings);
    } finally {
      await producer.close();
    }
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

function printSummary(summary: SendSummary, agent: string, failedFile: string | undefined, settings: Settings): void {
  const { sent, failed, untried, claimChecks, events, failures, fatal } = summary;
  for (const { position, reason } of failures.slice(0, MAX_PRINTED_FAILURES)) console.error(`${position}: ${printableLine(reason)}`);
  if (failed - untried > MAX_PRINTED_FAILURES) {
    const more = (failed - untried - MAX_PRINTED_FAILURES).toLocaleString('en');
    console.error(`... and ${more} more${failedFile === undefined ? ' (--failed FILE keeps them)' : ''}`);
  }
  const end = fatal === undefined ? undefined : (describeError(fatal, settings) ?? { message: String(fatal), remedy: undefined });
  if (settings.json) printJson({ agent, sent, failed, untried, claimChecks, failedFile, stoppedBy: end?.message, events, failures });
  else {
    const [only] = events;
    const which = sent === 1 && only !== undefined ? ` (id ${printableLine(only.id)}, trace ${traceOf(only.traceparent)})` : '';
    const stored = claimChecks === 0 ? '' : `, ${claimChecks} with its data in the content bucket`;
    const written = failed > 0 && failedFile !== undefined ? `, written to ${failedFile}` : '';
    console.log(`${count(sent, 'event')} sent to ${agent}${which}${stored}; ${failed.toLocaleString('en')} failed${written}`);
    const command = sent === 1 && only !== undefined ? traceLine(only, settings) : undefined;
    if (command !== undefined) console.log(command);
  }
  if (failed > 0) process.exitCode ??= 1;
  if (fatal !== undefined) throw new CliError(`stopped: ${end?.message}`, { cause: fatal, remedy: remedyOf(end, failedFile, summary) });
}

const traceOf = (traceparent = ''): string => printableLine(traceparent.slice(3, 35));

function remedyOf(end: ErrorDescription | undefined, failedFile: string | undefined, { doneUpTo }: SendSummary): string {
  if (failedFile !== undefined) return [end?.remedy, `Then send ${failedFile}.`].filter(Boolean).join(' ');
  const upTo = doneUpTo === undefined ? 'It is not known whether anything was sent' : `Up to ${doneUpTo} all was sent or reported above`;
  const resume = `${upTo}; later ones may have been sent, too. Events with their own ids can be sent again safely.`;
  return [end?.remedy, resume, '--failed FILE keeps the events that were not sent.'].filter(Boolean).join('\n');
}

const count = (number: number, noun: string): string => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
