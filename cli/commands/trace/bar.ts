import { styleText } from 'node:util';
import type { Segment } from './segments.ts';

/** The time that a screen of hops shows, in epoch milliseconds. */
export interface Axis {
  readonly from: number;
  readonly to: number;
}

const MARKS = { waited: '░', failed: '▒', backoff: '·', handled: '█' } as const;
const COLOURS = { waited: 'dim', failed: 'red', backoff: 'yellow', handled: 'green' } as const;

/** What the marks mean. */
export const LEGEND = `${MARKS.waited} waited  ${MARKS.handled} handled  ${MARKS.failed} failed attempt  ${MARKS.backoff} backoff`;

/**
 * A hop's time as a bar of so many columns. Each part has at least one column, if there are as many.
 *
 * @returns with colours where the terminal has them; without spaces at its end
 */
export function bar(segments: readonly Segment[], { from, to }: Axis, columns: number): string {
  const columnOf = (at: number) => Math.round((Math.min(Math.max(at - from, 0), to - from) / Math.max(1, to - from)) * columns);
  let drawn = 0;
  let text = '';
  for (const [nth, { kind, from: begin, to: end }] of segments.entries()) {
    if (drawn === columns) break;
    const later = segments.length - nth - 1;
    const start = Math.min(Math.max(drawn, columnOf(begin)), Math.max(drawn, columns - later - 1));
    const stop = Math.max(start + 1, Math.min(columnOf(end), columns - later));
    text += ' '.repeat(start - drawn) + styleText(COLOURS[kind], MARKS[kind].repeat(stop - start));
    drawn = stop;
  }
  return text;
}
