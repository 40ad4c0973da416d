import { styleText } from 'node:util';
import type { FailedMessage } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { cut, foldedJson, indented, prettyJson } from '../../message-text.ts';
import { printable, printableLine } from '../../printable.ts';

export interface TextOptions {
  readonly nowMs: number;
  /** The terminal's width. */
  readonly columns: number;
}

/**
 * A failed message as text: its id, its data, and why it failed.
 *
 * @param body the whole body, shown with every recorded field; `undefined` shows as much of the data as fits on a screen, and one line
 *   with the reason
 */
export function failedMessageText(message: FailedMessage, body: string | undefined, { nowMs, columns }: TextOptions): string {
  const title = styleText('bold', printableLine(titleOf(message)));
  const lines =
    body === undefined
      ? [indented(dataOf(message)), `  ${why(message, nowMs, columns - 2)}`]
      : [indented(printable(prettyJson(body))), ...detailsOf(message, nowMs)];
  return [title, ...lines, ''].join('\n');
}

const titleOf = ({ id, source, envelope }: FailedMessage): string =>
  id === undefined ? '(no envelope)' : [id, envelope?.type, `from ${source}`].filter(Boolean).join('  ');

function dataOf({ body, envelope, failure }: FailedMessage): string {
  if (failure?.original !== undefined) return `in the content bucket: ${printableLine(failure.original.uri)} (--full shows it)`;
  if (envelope === undefined) return foldedJson(body);
  if (envelope.dataref !== undefined)
    return `in the content bucket: ${printableLine(envelope.dataref)} (${envelope.datasize?.toLocaleString('en')} bytes)`;
  return foldedJson(JSON.stringify(envelope.data) ?? '(no data)');
}

/** One line. A long reason is cut to keep the rest. */
function why({ failure, sentAt, receives }: FailedMessage, nowMs: number, columns: number): string {
  const ago = (ms: number) => `${age(nowMs - ms)} ago`;
  if (failure === undefined)
    return cut(`moved by SQS after ${receives} receives, ${ago(sentAt.getTime())}: its function crashed or timed out`, columns);
  const attempts = `${failure.attempts} ${failure.attempts === 1 ? 'attempt' : 'attempts'}`;
  const failedAtMs = Date.parse(failure.failedAt);
  const facts = [attempts, ...(Number.isNaN(failedAtMs) ? [] : [ago(failedAtMs)])].join(', ');
  const code = printableLine(failure.code);
  return `${code}: ${cut(printableLine(failure.reason), columns - code.length - facts.length - ':  ()'.length)} (${facts})`;
}

function detailsOf({ messageId, failure, sentAt, receives }: FailedMessage, nowMs: number): readonly string[] {
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
    // Every look at a copy is a receive, so its receive count means nothing.
    ['message', failure === undefined ? `${messageId}, received ${receives} times` : messageId],
    ...(failure?.original === undefined ? [] : ([['original', failure.original.uri]] as const)),
  ];
  // The lines of a reason must not look like further fields.
  return fields.map(([name, value]) => `  ${name.padEnd(10)}${printable(value).replaceAll('\n', `\n${' '.repeat(12)}`)}`);
}
