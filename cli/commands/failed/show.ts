import { styleText } from 'node:util';
import { CliError } from '../../cli-error.ts';
import { type ContentBucket, contentBucket } from '../../content-bucket.ts';
import { interruptible } from '../../interrupt.ts';
import { printable } from '../../printable.ts';
import { queueOf, sqsClient } from '../../queues.ts';
import type { Settings } from '../../settings.ts';
import { age } from './age.ts';
import { eventOf, type FailedMessage, isCalled } from './failed-message.ts';
import type { FailedQueue } from './failed-queue.ts';
import type { ShowFlags } from './flags.ts';
import { walkQueue } from './walk-queue.ts';

/** Should this process die, messages come back after this long. Looking at 100 takes about a second. */
const HIDDEN_SECONDS = 30;

const PREVIEW_CHARACTERS = 160;

/** Prints messages of a queue and why they are there, and leaves them there. */
export async function show(
  queue: FailedQueue,
  agent: string,
  id: string | undefined,
  { full, max }: ShowFlags,
  settings: Settings,
): Promise<void> {
  const sqs = sqsClient(settings);
  const bucket = contentBucket(settings);
  const { url } = await queueOf(sqs, settings, agent, queue.naming);
  let shown = 0;
  const { looked, reachedEnd, stillHidden } = await interruptible((signal) =>
    walkQueue({ sqs, queueUrl: url, settings, max, hiddenSeconds: HIDDEN_SECONDS, signal }, async (message) => {
      if (id !== undefined && !isCalled(message, id)) return 'stays';
      const body = full ? await wholeBody(message, bucket) : undefined;
      console.log(settings.json ? JSON.stringify(asRecord(agent, message, body)) : asText(message, body, Date.now()));
      shown++;
      return 'stays';
    }),
  );
  const more = reachedEnd ? '' : `; looked at ${looked} messages, there may be more (--max)`;
  if (id !== undefined && shown === 0) throw new CliError(`the ${queue.title} of ${agent} has no message '${id}'${more}`);
  console.error(`${shown} ${shown === 1 ? 'message' : 'messages'} in the ${queue.title} of ${agent}${more}`);
  if (stillHidden > 0) console.error(`${stillHidden} of them are hidden for up to ${HIDDEN_SECONDS} s, because looking took long`);
}

async function wholeBody({ body, failure }: FailedMessage, bucket: ContentBucket): Promise<string> {
  return failure?.original === undefined ? body : Buffer.from(await bucket.get(failure.original.uri)).toString();
}

function asRecord(agent: string, message: FailedMessage, body: string | undefined) {
  const { messageId, envelope, failure, sentAt, receives } = message;
  const { id = null, source = null } = eventOf(message);
  return {
    agent,
    messageId,
    id,
    source,
    type: envelope?.type ?? null,
    failure: failure ?? null,
    original: failure?.original?.uri ?? null,
    sentAt: sentAt.toISOString(),
    receives,
    body,
  };
}

function asText(message: FailedMessage, body: string | undefined, nowMs: number): string {
  const { messageId, envelope, failure, sentAt, receives } = message;
  const { id, source } = eventOf(message);
  const title = id === undefined ? '(no envelope)' : [id, envelope?.type, `from ${source}`].filter(Boolean).join('  ');
  const when = (date: Date) => `${date.toISOString()} (${age(nowMs - date.getTime())} ago)`;
  const fields: readonly (readonly [string, string])[] = [
    ...(failure === undefined
      ? ([
          ['outcome', 'none: moved here by SQS after too many receives'],
          ['reason', 'the function crashed or ran out of time on it, again and again'],
        ] as const)
      : ([
          ['outcome', failure.outcome],
          ['code', failure.code],
          ['reason', failure.reason],
          ['attempts', `${failure.attempts} in generation ${failure.generation}`],
          ['failed at', Number.isNaN(Date.parse(failure.failedAt)) ? '-' : when(new Date(failure.failedAt))],
        ] as const)),
    ['sent at', when(sentAt)],
    // Looking at a copy is a receive too: its count says nothing.
    ['message', failure === undefined ? `${messageId}, received ${receives} times` : messageId],
    ...(failure?.original === undefined ? [] : ([['original', failure.original.uri]] as const)),
    ['body', body === undefined ? preview(message.body) : `\n${indented(pretty(body))}`],
  ];
  return [
    styleText('bold', printable(title)),
    ...fields.map(([name, value]) => `  ${name.padEnd(10)}${continued(printable(value))}`),
    '',
  ].join('\n');
}

function preview(body: string): string {
  const start = body.slice(0, PREVIEW_CHARACTERS).replaceAll(/\s+/g, ' ');
  return body.length > PREVIEW_CHARACTERS ? `${start}... (${body.length} characters; --full shows all)` : start;
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch (error) {
    // Not JSON, or nested too deep to be printed nicely: as it is, then.
    if (error instanceof SyntaxError || error instanceof RangeError) return body;
    throw error;
  }
}

/** A reason of several lines must not look like fields of its own. */
const continued = (value: string): string => (value.startsWith('\n') ? value : value.replaceAll('\n', `\n${' '.repeat(12)}`));

const indented = (text: string): string => text.replaceAll(/^/gm, '    ');
