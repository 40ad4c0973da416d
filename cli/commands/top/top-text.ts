import { stripVTControlCharacters, styleText } from 'node:util';
import type { AgentMetrics } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { clipped } from '../../clipped.ts';
import { plainTable } from '../../plain-table.ts';
import { printableLine } from '../../printable.ts';
import { brakeLines } from './brake-lines.ts';
import { isStale } from './is-stale.ts';
import { topColumns, WIDE_COLUMNS } from './top-columns.ts';

/** Names are cut to the room that the other columns leave, and to no less than this. */
const MIN_NAME_COLUMNS = 12;

/** A table of all agents for a terminal of that width, and what it is of. */
export function topText(
  metrics: readonly AgentMetrics[],
  { nowMs, columns: width }: { readonly nowMs: number; readonly columns: number },
): string {
  if (metrics.length === 0)
    return 'No agent has a snapshot yet. The probe takes one every probeMinutes: if there is none later, look at the log of mesh-probe.';
  const seconds = Math.max(...metrics.map(({ windowSeconds }) => windowSeconds ?? 0));
  const of = seconds === 0 ? 'since the first message' : `of the last ${age(seconds * 1_000)}`;
  const oldestMs = Math.min(...metrics.map(({ at }) => at.getTime()));
  const stale = metrics.filter((agent) => isStale(agent, nowMs)).length;
  return [
    tableOf(metrics, width, nowMs),
    '',
    ...brakeLines(metrics, width, nowMs),
    styleText('dim', `Counts and durations ${of}; ${stale > 0 ? 'oldest ' : ''}snapshot of ${age(nowMs - oldestMs)} ago`),
    ...(stale > 0 ? [styleText('red', warning(stale, metrics.length))] : []),
  ].join('\n');
}

const warning = (stale: number, agents: number): string =>
  `${stale} of ${agents} agents ${stale === 1 ? 'has' : 'have'} no new snapshot: look at the log of mesh-probe`;

function tableOf(metrics: readonly AgentMetrics[], width: number, nowMs: number): string {
  const columns = topColumns(width, nowMs);
  const gap = width >= WIDE_COLUMNS ? 2 : 1;
  const rows = metrics.map((agent) => ({ agent: printableLine(agent.agent), cells: columns.map(({ cell }) => cell(agent)) }));
  let room = width;
  for (const [index, { head }] of columns.entries())
    room -= gap + Math.max(head.length, ...rows.map(({ cells }) => stripVTControlCharacters(cells[index] ?? '').length));
  return plainTable(
    rows.map(({ agent, cells }) => [clipped(agent, Math.max(MIN_NAME_COLUMNS, room)), ...cells]),
    gap,
    { head: ['AGENT', ...columns.map(({ head }) => head)], colAligns: ['left', ...columns.map(() => 'right' as const)] },
  );
}
