import { stripVTControlCharacters, styleText } from 'node:util';
import type { Hop } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { printableLine } from '../../printable.ts';
import { type Axis, bar } from './bar.ts';
import { type HopSurroundings, hopFacts, stateText } from './hop-facts.ts';
import { beginOf, endOf, segmentsOf } from './segments.ts';

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
 * @param columns the width of the terminal; lines may be longer where a reason or a command is
 */
export function waterfall(hops: readonly Hop[], startedAt: number, columns: number, surroundings: HopSurroundings): string {
  const { nowMs } = surroundings;
  const width = Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS);
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
      const facts = hopFacts(hop, surroundings).map((fact) => ' '.repeat(TIME + GAP) + styleText('dim', printableLine(fact)));
      return [`${styleText('dim', time)}${gap}${styleText('bold', agent)}${gap}${drawn}${padding}${gap}${state}`, ...facts].join('\n');
    })
    .join('\n');
}

function axisOf(hops: readonly Hop[], nowMs: number): Axis {
  const from = Math.min(...hops.map((hop) => beginOf(hop, nowMs)));
  return { from, to: Math.max(from + 1, ...hops.map((hop) => endOf(hop, nowMs))) };
}

const colourOf = ({ state }: Hop) => COLOURS[state.kind === 'ended' ? state.outcome : state.kind];

const shortened = (name: string, width: number): string => (name.length <= width ? name : `${name.slice(0, width - 1)}…`);
