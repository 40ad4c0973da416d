import { styleText } from 'node:util';
import type { AgentMetrics, Quantiles } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { duration } from '../../duration.ts';
import { plainTable } from '../../plain-table.ts';
import { printableLine } from '../../printable.ts';

/** From here on there is room for medians and spaces. */
const WIDE_COLUMNS = 110;

/** A snapshot is taken each minute: an older one says that the probe fails. */
const STALE_MS = 180_000;

interface Column {
  readonly head: string;
  readonly cell: (metrics: AgentMetrics) => string;
  /** Only where there is room. */
  readonly isWide?: boolean;
}

function columns(isWide: boolean): readonly Column[] {
  const all: readonly Column[] = [
    { head: 'AGENT', cell: ({ agent }) => (isWide ? printableLine(agent) : clipped(printableLine(agent), MAX_NAME_COLUMNS)) },
    { head: 'MSG/S', cell: ({ outcomesPerSecond }) => rate(outcomesPerSecond) },
    { head: 'DONE', cell: ({ counts }) => count(counts.processed) },
    { head: 'REJ', cell: ({ counts }) => alarming(counts.rejected, 'yellow') },
    { head: 'DEAD', cell: ({ counts }) => alarming(counts.deadLettered, 'red') },
    { head: 'RETRY', cell: ({ counts }) => alarming(counts.retries, 'yellow') },
    { head: 'DUPL', cell: ({ counts }) => count(counts.duplicates), isWide: true },
    { head: 'QUEUED', cell: ({ queues }) => count(queues.inbox.visible + queues.inbox.delayed) },
    { head: 'BUSY', cell: ({ queues }) => count(queues.inbox.inFlight) },
    { head: isWide ? 'WAIT P50/P95' : 'WAIT95', cell: ({ wait }) => durations(wait, isWide) },
    { head: isWide ? 'HANDLE P50/P95' : 'HAND95', cell: ({ handle }) => durations(handle, isWide) },
    { head: 'LOAD', cell: loadOf },
  ];
  return all.filter((column) => isWide || column.isWide !== true);
}

const MAX_NAME_COLUMNS = 20;

/** A table of all agents for a terminal of that width, and what it is of. */
export function topText(
  metrics: readonly AgentMetrics[],
  { nowMs, columns: width }: { readonly nowMs: number; readonly columns: number },
): string {
  if (metrics.length === 0)
    return 'No agent has a snapshot yet. The probe takes one each minute: if there is none later, look at the log of mesh-probe.';
  const isWide = width >= WIDE_COLUMNS;
  const shown = columns(isWide);
  const table = plainTable(
    metrics.map((agent) => shown.map(({ cell }) => cell(agent))),
    isWide ? 3 : 1,
    { head: shown.map(({ head }) => head), colAligns: shown.map((_, index) => (index === 0 ? 'left' : 'right')) },
  );
  const takenMs = Math.max(...metrics.map(({ at }) => at.getTime()));
  const seconds = Math.max(...metrics.map(({ windowSeconds }) => windowSeconds ?? 0));
  const of = seconds === 0 ? 'since the first message' : `of the last ${age(seconds * 1_000)}`;
  const old = nowMs - takenMs > STALE_MS ? styleText('red', `: the probe takes none, look at the log of mesh-probe`) : '';
  return [table, '', styleText('dim', `Counts and durations ${of}; snapshot of ${age(nowMs - takenMs)} ago`) + old].join('\n');
}

function loadOf({ load, isPaused }: AgentMetrics): string {
  if (isPaused === true) return styleText('yellow', 'paused');
  return load === undefined ? '-' : `${Math.round(load * 100)}%`;
}

const count = (value: number): string => (value === 0 ? '-' : value.toLocaleString('en'));

const alarming = (value: number, colour: 'yellow' | 'red'): string => (value === 0 ? '-' : styleText(colour, count(value)));

const rate = (value: number | undefined): string => (value === undefined || value === 0 ? '-' : value.toFixed(value < 10 ? 1 : 0));

function durations({ p50Ms, p95Ms }: Quantiles, isWide: boolean): string {
  if (p50Ms === undefined || p95Ms === undefined) return '-';
  return isWide ? `${duration(p50Ms)} / ${duration(p95Ms)}` : duration(p95Ms);
}

const clipped = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
