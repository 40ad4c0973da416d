import { inboxName } from '../../../events/names.ts';
import { CliError } from '../../cli-error.ts';
import { contentBucket } from '../../content-bucket.ts';
import { type Explanation, explainError } from '../../describe-error.ts';
import { interruptible } from '../../interrupt.ts';
import { progress } from '../../progress.ts';
import { queueOf, sqsClient } from '../../queues.ts';
import type { Settings } from '../../settings.ts';
import type { SendFlags } from './flags.ts';
import { openInput } from './input.ts';
import { parseSample, sampleItems } from './sample-items.ts';
import { type SendSummary, sendItems } from './send-items.ts';

/** Failures told on the terminal; the file of failed items has all. */
const SHOWN_FAILURES = 20;

/** Sends what is in a file, says what became of it, and sets the exit code to 1 if anything was not sent. */
export async function send(file: string, flags: SendFlags, settings: Settings): Promise<void> {
  const input = await openInput(file, !flags.validate);
  const sample = input.kind === 'sample' ? parseSample(input.value) : undefined;
  const agent = flags.agent ?? sample?.agent;
  if (agent === undefined)
    throw new CliError('which agent is it for?', { remedy: 'Give --agent ID (only a sample names its agent itself).' });

  const bucket = contentBucket(settings);
  const sqs = sqsClient(settings);
  const { url } = await queueOf(sqs, settings, agent, inboxName);
  const total = input.kind === 'items' ? input.totalBytes : undefined;
  const items = input.kind === 'items' ? input.items : sampleItems(parseSample(input.value), input.folder, bucket);
  const summary = await interruptible((signal) => {
    signal.addEventListener('abort', () => {
      if (flags.failed !== undefined)
        console.error(`${process.stderr.isTTY ? '\n' : ''}writing what is left to ${flags.failed}; interrupting again ends it at once`);
    });
    return sendItems(items, {
      sqs,
      queueUrl: url,
      bucket,
      folder: flags.files ?? input.folder,
      type: flags.type,
      concurrency: flags.concurrency,
      failedFile: flags.failed,
      progress: progress(`sending to ${agent}`, total),
      signal,
    });
  });
  tell(summary, agent, flags.failed, settings);
}

function tell(summary: SendSummary, agent: string, failedFile: string | undefined, settings: Settings): void {
  const { sent, failed, untried, claimChecks, events, failures, fatal } = summary;
  for (const { position, reason } of failures.slice(0, SHOWN_FAILURES)) console.error(`${position}: ${reason}`);
  if (failed - untried > SHOWN_FAILURES)
    console.error(
      `... and ${(failed - untried - SHOWN_FAILURES).toLocaleString('en')} more${failedFile === undefined ? ' (--failed FILE keeps them)' : ''}`,
    );
  const explanation = fatal === undefined ? undefined : (explainError(fatal, settings) ?? { message: String(fatal), remedy: undefined });
  if (settings.json) {
    const document = { agent, sent, failed, untried, claimChecks, failedFile, stoppedBy: explanation?.message, events, failures };
    console.log(JSON.stringify(document));
  } else {
    const [only] = events;
    const which = sent === 1 && only !== undefined ? ` (id ${only.id}, trace ${only.traceparent?.slice(3, 35)})` : '';
    const stored = claimChecks === 0 ? '' : `, ${claimChecks} with its data in the content bucket`;
    const written = failed > 0 && failedFile !== undefined ? `, written to ${failedFile}` : '';
    console.log(`${count(sent, 'event')} sent to ${agent}${which}${stored}; ${failed.toLocaleString('en')} failed${written}`);
  }
  if (failed > 0) process.exitCode ??= 1;
  if (fatal !== undefined)
    throw new CliError(`stopped: ${explanation?.message}`, { cause: fatal, remedy: remedyOf(explanation, failedFile, summary) });
}

function remedyOf(explanation: Explanation | undefined, failedFile: string | undefined, { doneUpTo }: SendSummary): string {
  if (failedFile !== undefined) return [explanation?.remedy, `Then send ${failedFile}.`].filter(Boolean).join(' ');
  const upTo = doneUpTo === undefined ? 'Nothing is sure to have been sent' : `Up to ${doneUpTo} all was sent or told above`;
  const resume = `${upTo}; something after that may have been. Events with ids of their own can be sent again safely.`;
  return [explanation?.remedy, resume, 'With --failed FILE what was not sent is kept.'].filter(Boolean).join('\n');
}

const count = (number: number, noun: string): string => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
