import { stripVTControlCharacters, styleText } from 'node:util';
import type { Hop } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { folded } from '../../folded.ts';
import { printableLine } from '../../printable.ts';
import { type Axis, bar } from './bar.ts';
import { type HopSurroundings, hopCommand, hopFacts, stateText } from './hop-facts.ts';
import { beginOf, endOf, segmentsOf } from './segments.ts';

const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 60;
const MAX_COLUMNS = 160;
const TIME = 9;
const STATE = 16;
const MAX_AGENT = 28;
const GAP = 2;

const COLOURS = {
  processed: 'green',
  rejected: 'red',
  'dead-lettered': 'red',
  claimed: 'cyan',
  backoff: 'yellow',
  due: 'yellow',
  'not-received': 'yellow',
} as const;

/**
 * Some hops of a journey as a waterfall: one bar each on a common time axis, and what happened below it.
 *
 * @param startedAt the journey's beginning, from which times count, in epoch milliseconds
 * @param columns the width of the terminal, into which all but commands and long words fit; `undefined` where the output is none: then
 *   bars are those of 80 columns, and each fact is one line
 */
export function waterfall(hops: readonly Hop[], startedAt: number, columns: number | undefined, surroundings: HopSurroundings): string {
  const { nowMs } = surroundings;
  const width = Math.min(Math.max(columns ?? DEFAULT_COLUMNS, MIN_COLUMNS), MAX_COLUMNS);
  const agentWidth = Math.min(MAX_AGENT, Math.floor(width / 4), Math.max(5, ...hops.map(({ agent }) => agent.length)));
  const barWidth = width - TIME - agentWidth - STATE - 3 * GAP;
  const axis = axisOf(hops, nowMs);
  const gap = ' '.repeat(GAP);
  return hops
    .map((hop) => {
      const time = `+${duration(beginOf(hop, nowMs) - startedAt)}`.padStart(TIME);
      const agent = shortened(printableLine(hop.agent), agentWidth).padEnd(agentWidth);
      const segments = segmentsOf(hop, nowMs);
      const drawn = bar(segments, axis, barWidth);
      const padding = ' '.repeat(Math.max(0, barWidth - stripVTControlCharacters(drawn).length));
      const state = styleText(colourOf(hop), stateText(hop, nowMs));
      const head = `${styleText('dim', time)}${gap}${styleText('bold', agent)}${gap}${drawn}${padding}${gap}${state}`;
      return [head, ...linesBelow(hop, columns === undefined ? Infinity : width, surroundings)].join('\n');
    })
    .join('\n');
}

/** The facts, and the command, which is one line that can be copied. */
function linesBelow(hop: Hop, width: number, surroundings: HopSurroundings): readonly string[] {
  const indent = TIME + GAP;
  const below = (text: string) => ' '.repeat(indent) + printableLine(text);
  const facts = hopFacts(hop, surroundings).map((fact) => folded(below(fact), width, indent + GAP));
  const command = hopCommand(hop, surroundings);
  return [...facts, ...(command === undefined ? [] : [below(command)])].map((line) => styleText('dim', line));
}

/** The time that the bars of a waterfall of these hops show. */
export function axisOf(hops: readonly Hop[], nowMs: number): Axis {
  const from = Math.min(...hops.map((hop) => beginOf(hop, nowMs)));
  return { from, to: Math.max(from + 1, ...hops.map((hop) => endOf(hop, nowMs))) };
}

const colourOf = ({ state }: Hop) => COLOURS[state.kind === 'ended' ? state.outcome : state.kind];

const shortened = (name: string, width: number): string => (name.length <= width ? name : `${name.slice(0, width - 1)}…`);
