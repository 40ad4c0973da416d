import { styleText } from 'node:util';
import type { Reply } from '../../../client/index.ts';
import { foldedJson, indented, prettyJson } from '../../message-text.ts';
import { printable, printableLine } from '../../printable.ts';

/** A reply as text: its id, the message that it answers, and its data, whole or as much as fits on a screen. */
export function replyText({ body, envelope, messageId }: Reply, isFull: boolean): string {
  const shown = isFull ? (json: string) => printable(prettyJson(json)) : foldedJson;
  if (envelope === undefined) return [styleText('bold', `(no envelope)  ${messageId}`), indented(shown(body)), ''].join('\n');
  const { id, source, type, correlationid, data, dataref, datasize } = envelope;
  const title = [id, type, `from ${source}`].join('  ');
  const content =
    dataref === undefined
      ? shown(JSON.stringify(data) ?? '(no data)')
      : `in the content bucket: ${printableLine(dataref)} (${datasize?.toLocaleString('en')} bytes)`;
  return [
    styleText('bold', printableLine(title)),
    ...(correlationid === undefined ? [] : [`  answers ${printableLine(correlationid)}`]),
    indented(content),
    '',
  ].join('\n');
}
