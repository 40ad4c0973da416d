import { createInterface } from 'node:readline/promises';
import { DeleteMessageCommand, GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { inboxName } from '../../../events/names.ts';
import { CliError } from '../../cli-error.ts';
import { type ContentBucket, contentBucket } from '../../content-bucket.ts';
import { explainError, isFatal } from '../../describe-error.ts';
import { INTERRUPTED, interruptible } from '../../interrupt.ts';
import { progress } from '../../progress.ts';
import { queueOf, sqsClient } from '../../queues.ts';
import type { Settings } from '../../settings.ts';
import { eventOf, type FailedMessage, isCalled } from './failed-message.ts';
import type { FailedQueue } from './failed-queue.ts';
import type { RedriveFlags } from './flags.ts';
import { redriven } from './redriven.ts';
import { walkQueue } from './walk-queue.ts';

/** Long enough for the slowest message of ten to be fetched, sent and deleted. */
const HIDDEN_SECONDS = 120;

/** Puts messages back into the agent's inbox; sets the exit code to 1 if one of them could not be. */
export async function redrive(queue: FailedQueue, agent: string, flags: RedriveFlags, settings: Settings): Promise<void> {
  if (flags.all === flags.id.length > 0)
    throw new CliError('which messages?', { remedy: `Give either --id ID... (posthorn ${queue.command} show ${agent}) or --all.` });
  const sqs = sqsClient(settings);
  const bucket = contentBucket(settings);
  const { url } = await queueOf(sqs, settings, agent, queue.naming);
  const inbox = await queueOf(sqs, settings, agent, inboxName);
  const total = flags.all ? await approximateCount(sqs, url) : flags.id.length;
  if (
    flags.all &&
    !flags.dryRun &&
    !flags.yes &&
    !(await confirmed(`Put about ${total} ${total === 1 ? 'message' : 'messages'} of the ${queue.title} back into the inbox of ${agent}?`))
  ) {
    throw new CliError('nothing was put back');
  }

  const begunMs = Date.now();
  const missing = new Set(flags.id);
  const bar = progress(`redriving ${agent}`, total);
  const counts = { redriven: 0, failed: 0, newer: 0 };
  const lines: string[] = [];
  const one = async (message: FailedMessage) => {
    if (flags.all && message.sentAt.getTime() > begunMs) {
      // What fails again at once comes back while this runs. It is left for the next time, or this would not end.
      counts.newer++;
      return 'stays';
    }
    const called = flags.id.filter((id) => isCalled(message, id));
    if (!flags.all && called.length === 0) return 'stays';
    for (const id of called) missing.delete(id);
    const result = await attempt(message, { sqs, bucket, from: url, to: inbox.url, dryRun: flags.dryRun }, settings);
    if (result.status === 'failed') counts.failed++;
    else counts.redriven++;
    const record = {
      agent,
      messageId: message.messageId,
      id: eventOf(message).id ?? null,
      source: eventOf(message).source ?? null,
      ...result,
    };
    if (settings.json) console.log(JSON.stringify(record));
    else if (result.status === 'failed') lines.push(`${record.id ?? record.messageId}: ${result.reason}`);
    else if (flags.dryRun) console.log(`${record.id ?? record.messageId} would go back${generationOf(result.generation)}`);
    bar.update(counts.redriven + counts.failed, counts.redriven);
    return result.status === 'redriven' ? 'gone' : 'stays';
  };
  try {
    const isDone = () => !flags.all && missing.size === 0;
    await interruptible((signal) =>
      walkQueue({ sqs, queueUrl: url, settings, max: Number.POSITIVE_INFINITY, hiddenSeconds: HIDDEN_SECONDS, signal, isDone }, one),
    );
  } finally {
    bar.stop();
    for (const line of lines.slice(0, 20)) console.error(line);
    const summary = `${counts.redriven} ${flags.dryRun ? 'would be put' : 'put'} back into the inbox of ${agent}; ${counts.failed} failed`;
    if (settings.json) console.error(summary);
    else console.log(summary);
    if (counts.newer > 0) console.error(`${counts.newer} came while this ran and were left: they may have failed again`);
  }
  if (counts.failed > 0) process.exitCode ??= 1;
  if (missing.size > 0)
    throw new CliError(`the ${queue.title} of ${agent} has no message ${[...missing].map((id) => `'${id}'`).join(', ')}`);
}

interface Route {
  readonly sqs: SQSClient;
  readonly bucket: ContentBucket;
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
}

type Result =
  | { readonly status: 'redriven' | 'would-redrive'; readonly generation: number | undefined }
  | { readonly status: 'failed'; readonly reason: string };

/** @throws what would fail the other messages too */
async function attempt(message: FailedMessage, route: Route, settings: Settings): Promise<Result> {
  try {
    const { failure } = message;
    const before = failure?.original === undefined ? message.body : Buffer.from(await route.bucket.get(failure.original.uri)).toString();
    const { body, generation } = redriven(before, failure, message.attributes);
    if (route.dryRun) return { status: 'would-redrive', generation };
    const attributes = Object.keys(message.attributes).length === 0 ? undefined : { ...message.attributes };
    // Sent before it is deleted: a crash in between leaves the message in both queues, and a second redrive sends it again
    // with the same id and generation, which the ledger recognises. The other way round it would be lost.
    await route.sqs.send(new SendMessageCommand({ QueueUrl: route.to, MessageBody: body, MessageAttributes: attributes }));
    await route.sqs.send(new DeleteMessageCommand({ QueueUrl: route.from, ReceiptHandle: message.receiptHandle }));
    return { status: 'redriven', generation };
  } catch (error) {
    if (!(error instanceof CliError) && isFatal(error)) throw error;
    return { status: 'failed', reason: explainError(error, settings)?.message ?? String(error) };
  }
}

async function approximateCount(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

/** @throws CliError where nobody can be asked, or who is asked presses Ctrl-C */
async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('--all without a terminal to ask at', { remedy: 'Give --yes if you mean it.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } catch (cause) {
    // Its line ends where the question stands.
    process.stderr.write('\n');
    process.exitCode = INTERRUPTED;
    throw new CliError('nothing was put back', { cause });
  } finally {
    terminal.close();
  }
}

const generationOf = (generation: number | undefined): string => (generation === undefined ? ' as it is' : ` as generation ${generation}`);
